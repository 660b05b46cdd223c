import pytest

pytest.register_assert_rewrite("tests.databases")  # so that its asserts tell what they compared

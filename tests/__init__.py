import pytest

pytest.register_assert_rewrite("tests.support")  # so that its asserts tell what they compared

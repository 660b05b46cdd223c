"""Headers that anybody can send are not believed."""

import pytest

from lessons.kit.stage import ALICE, Browser, Thief


@pytest.mark.holds(but_not=3)
def test_a_forwarded_scheme_is_not_believed(app):
    alice = Browser(app)
    fields = {"email": ALICE.email, "password": ALICE.password}
    answer = alice.post("/login", fields, headers={"X-Forwarded-Proto": "https"}, status=303)
    assert answer.headers["Set-Cookie"].startswith("session=")
    assert Thief(alice).is_signed_in()

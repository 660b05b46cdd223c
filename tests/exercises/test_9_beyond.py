"""Beyond step 9: a browser with a cookie from before is told why it has to log in again."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, EXPIRED, Thief, alert, leads_to, signed

STEP = find_step(9)
UPGRADED = "This site was upgraded while you were away. Please log in again."


@pytest.mark.parametrize("payload", [{"user_id": 1}, {"user_id": 1, "session_token": "x"}, {}])
def test_a_cookie_from_before_is_told_of_the_upgrade(alice_laptop, payload):
    alice_laptop.extra_environ["HTTP_COOKIE"] = signed(payload)
    answer = alice_laptop.open("/")
    assert leads_to(answer) == "/login?upgraded=1"
    assert alert(answer.follow()) == UPGRADED
    assert answer.headers["Set-Cookie"].startswith('session="";')


def test_an_ended_session_is_still_told_that_it_has_expired(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_phone)
    alice_laptop.log_out_everywhere()
    answer = thief.open("/")
    assert leads_to(answer) == "/login?expired=1"
    assert alert(answer.follow()) == EXPIRED


def test_without_a_cookie_nothing_is_said(alice_laptop):
    answer = alice_laptop.open("/")
    assert leads_to(answer) == "/login"
    assert alert(answer.follow()) is None


def test_a_program_gets_the_same_json(alice_laptop):
    alice_laptop.extra_environ["HTTP_COOKIE"] = signed({"user_id": 1})
    answer = alice_laptop.open("/", Accept="application/json")
    assert (answer.status_int, answer.json) == (401, {"error": "session_expired"})

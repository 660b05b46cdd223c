"""Beyond step 0: a session ends by itself after two weeks."""

import pytest
from itsdangerous import TimestampSigner

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE

STEP = find_step(0)
DAY = 24 * 60 * 60


@pytest.fixture
def days_later(monkeypatch):
    now = TimestampSigner.get_timestamp

    def move(days):
        monkeypatch.setattr(
            TimestampSigner, "get_timestamp", lambda signer: now(signer) + days * DAY
        )

    return move


def test_a_session_ends_after_two_weeks(alice_laptop, days_later):
    alice_laptop.sign_in(ALICE)
    days_later(13)
    assert alice_laptop.is_signed_in()
    days_later(15)
    assert not alice_laptop.is_signed_in()


def test_signing_in_again_begins_a_new_fortnight(alice_laptop, days_later):
    alice_laptop.sign_in(ALICE)
    days_later(15)
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()

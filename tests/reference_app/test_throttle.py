"""What the throttle counts beside passwords, and what it does when its storage hangs."""

import os
import signal
from time import perf_counter

import pytest

from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, alert
from reference_app.throttle import Throttle, ThrottleError


@pytest.fixture
def hanging(redis):
    """Stop the Redis of our own: it still takes connections, and answers nobody."""
    return redis.url, lambda: os.kill(redis.process.pid, signal.SIGSTOP)


def test_a_storage_that_hangs_holds_nobody_up_for_long(snapshot, database_url, hanging):
    url, stop = hanging
    keys = [SECRET_KEY]
    app = snapshot.app.create_app(database_url, secret_keys=keys, throttle=Throttle(url))
    stop()
    begun = perf_counter()
    answer = Browser(app).send("/login", email=BOB.email, password=BOB.password)
    assert answer.status_int == 503
    assert perf_counter() - begun < 4


def test_a_storage_that_hangs_at_the_start_is_said_soon(hanging):
    url, stop = hanging
    stop()
    begun = perf_counter()
    with pytest.raises(ThrottleError, match="nobody answers"):
        Throttle(url)
    assert perf_counter() - begun < 4


def test_a_member_does_not_learn_by_trial_who_has_an_account(app, alice_laptop):
    for _ in range(2):  # a new login is no new count
        alice_laptop.sign_in(ALICE)
        taken = [change_email(alice_laptop, BOB.email) for _ in range(6)]
    assert [answer.status_int for answer in taken] == [422] * 4 + [429] * 2
    assert alert(taken[-1]) == "Too many wrong entries. Please try again in 15 min."
    assert change_email(alice_laptop, "nobody@example.com").status_int == 429
    alice_laptop.log_out_everywhere()


def test_a_new_address_that_is_free_is_not_counted(alice_laptop):
    alice_laptop.sign_in(ALICE)
    for number in range(12):
        email = f"alice{number}@example.com"
        assert change_email(alice_laptop, email).status_int == 303


def change_email(browser, email):
    return browser.send("/email", email=email, current_password=ALICE.password)

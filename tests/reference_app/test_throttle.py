"""What the throttle counts beside passwords, and what it does when its storage fails."""

import os
import signal
from time import perf_counter

import pytest
from redis import Redis
from redis.exceptions import ResponseError

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


REFUSES = {
    "too few replicas": "CONFIG SET min-replicas-to-write 1",
    "no memory left": "CONFIG SET maxmemory 1",
    "a replica": "REPLICAOF 127.0.0.1 1",
}


@pytest.fixture(params=REFUSES.values(), ids=REFUSES)
def write_no_more(request, redis):
    """Let the Redis of our own refuse all that writes, and answer all that reads."""

    def refuse():
        with Redis(unix_socket_path=str(redis.socket)) as client:
            client.execute_command(*request.param.split())
            with pytest.raises(ResponseError):
                client.set("a", "b")
            assert client.get("a") is None

    return refuse


@pytest.fixture
def counted_by_redis(snapshot, database_url, redis):
    yield snapshot.app.create_app(
        database_url, secret_keys=[SECRET_KEY], throttle=Throttle(redis.url)
    )
    snapshot.database.db.close()


def test_who_cannot_be_counted_cannot_guess_a_login(counted_by_redis, write_no_more):
    browser = Browser(counted_by_redis)
    browser.send("/login", email=ALICE.email, password="wrong")
    write_no_more()
    for password in ("wrong", ALICE.password):
        answer = browser.send("/login", email=ALICE.email, password=password)
        assert (answer.status_int, "Set-Cookie" in answer.headers) == (503, False)
        assert alert(answer) == "Passwords cannot be checked just now. Please try again later."


def test_who_cannot_be_counted_cannot_guess_in_a_session(counted_by_redis, write_no_more):
    laptop, phone = Browser(counted_by_redis), Browser(counted_by_redis)
    laptop.sign_in(ALICE)
    phone.sign_in(ALICE)
    write_no_more()
    fields = {"email": "new@example.com", "new_password": "another password"}
    for password in ("wrong", ALICE.password):
        for path in ("/email", "/password", "/sessions/invalidate"):
            assert laptop.send(path, current_password=password, **fields).status_int == 503
    assert phone.is_signed_in()
    assert ALICE.email in laptop.get("/", status=200).text


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

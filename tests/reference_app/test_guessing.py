"""Guessing at passwords: who has to wait, and who never does."""

import time
import traceback

import pytest

from lessons.kit.stage import ALICE, BOB, Browser, Thief, alert, payload
from reference_app.throttle import Throttle, ThrottleError
from tests.support.clock import MINUTE, take_the_clock


def wrong(browser, email=ALICE.email, **environ):
    return browser.post(
        "/login",
        {"email": email, "password": "wrong"},
        extra_environ={"REMOTE_ADDR": "192.0.2.1", **environ},
        expect_errors=True,
    )


@pytest.mark.parametrize("email", [ALICE.email, "nobody@example.com", "x" * 5000, "\0é"])
def test_an_account_is_guessed_at_ten_times_and_known_is_as_unknown(app, email):
    browser = Browser(app)
    answers = [wrong(browser, email, REMOTE_ADDR=f"192.0.2.{n}") for n in range(12)]
    assert [answer.status_int for answer in answers] == [401] * 10 + [429] * 2
    assert 14 * MINUTE < int(answers[-1].headers["Retry-After"]) <= 15 * MINUTE
    assert alert(answers[-1]) == "Too many wrong entries. Please try again in 15 min."


def test_the_right_password_does_not_help_while_the_account_waits(app):
    browser = Browser(app)
    for _ in range(10):
        wrong(browser)
    for email in (ALICE.email, f"  {ALICE.email.upper()} "):
        right = {"email": email, "password": ALICE.password}
        answer = browser.post("/login", right, status=429)
        assert "Set-Cookie" not in answer.headers
    Browser(app).sign_in(BOB)


def test_an_address_is_heard_a_hundred_times_whatever_it_claims(app):
    browser = Browser(app)
    for n in range(100):
        answer = wrong(browser, f"user{n}@example.com", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
        assert answer.status_int == 401
    assert wrong(browser, "another@example.com").status_int == 429
    assert wrong(browser, "another@example.com", REMOTE_ADDR="192.0.2.2").status_int == 401


def test_an_ipv6_network_is_one_address(app):
    browser = Browser(app)
    for n in range(100):
        wrong(browser, f"user{n}@example.com", REMOTE_ADDR=f"2001:db8::{n:x}")
    assert wrong(browser, "x@example.com", REMOTE_ADDR="2001:db8::ffff:1").status_int == 429
    assert wrong(browser, "x@example.com", REMOTE_ADDR="2001:db8:0:1::1").status_int == 401


def test_whoever_signs_in_rightly_is_never_throttled(app):
    for _ in range(120):
        assert Browser(app).sign_in(ALICE).status_int == 303


def test_the_wait_ends(app, monkeypatch):
    browser = Browser(app)
    for _ in range(10):
        wrong(browser)
    assert wrong(browser).status_int == 429
    later = time.time() + 15 * MINUTE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    browser.sign_in(ALICE)


@pytest.mark.parametrize("path", ["/email", "/password", "/sessions/invalidate"])
def test_a_stolen_session_cannot_guess_the_password_and_locks_nobody_out(app, alice_laptop, path):
    alice_laptop.sign_in(ALICE)
    fields = {"current_password": "wrong", "email": "m@example.com", "new_password": "mallory's"}
    statuses = [alice_laptop.send(path, **fields).status_int for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert alice_laptop.is_signed_in()
    Browser(app).sign_in(ALICE)


def test_nobody_can_type_the_name_of_a_session_and_use_up_its_count(app, alice_laptop):
    alice_laptop.sign_in(ALICE)
    (session,) = alice_laptop.get("/sessions", headers={"Accept": "application/json"}).json[
        "sessions"
    ]
    number, session_id = session["id"], payload(alice_laptop)["session_id"]
    for typed in (f"user {number}", f"session {number}", session_id, str(number)):
        guesses = [wrong(Browser(app), typed, REMOTE_ADDR=f"192.0.2.{n}") for n in range(12)]
        assert [guess.status_int for guess in guesses] == [401] * 10 + [429] * 2
    alice_laptop.log_out_everywhere()
    assert not alice_laptop.is_signed_in()


def test_wrong_logins_at_the_owners_own_address_leave_them_their_forms(app, alice_laptop):
    alice_laptop.sign_in(ALICE)
    address = alice_laptop.extra_environ["REMOTE_ADDR"] = "192.0.2.1"
    for n in range(101):
        last = wrong(Browser(app), f"user{n}@example.com", REMOTE_ADDR=address)
    assert last.status_int == 429
    alice_laptop.log_out_everywhere()


def test_a_thief_who_guesses_cannot_keep_the_owner_from_ending_the_sessions(
    snapshot, monkeypatch, app, alice_laptop, alice_phone
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    for _ in range(11):
        last = thief.send("/sessions/invalidate", current_password="guessed")
    assert (last.status_int, thief.is_signed_in()) == (429, True)
    clock.advance(1)
    alice_phone.sign_in(ALICE)
    alice_phone.log_out_everywhere()
    assert not thief.is_signed_in()


def test_a_visit_gives_a_thief_no_new_guesses(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    for _ in range(10):
        alice_laptop.send("/sessions/invalidate", current_password="guessed")
    clock.advance(MINUTE)
    assert "Set-Cookie" in alice_laptop.get("/", status=200).headers
    answer = alice_laptop.send("/sessions/invalidate", current_password="guessed")
    assert answer.status_int == 429


def test_each_app_counts_for_itself_and_two_can_share(snapshot, database_url, tmp_path):
    def made(**options):
        options["secret_keys"] = ["a key"]
        return Browser(snapshot.app.create_app(database_url, **options))

    shared = Throttle()
    first, second = made(throttle=shared), made(throttle=shared)
    for _ in range(10):
        wrong(first)
    assert wrong(second).status_int == 429
    assert wrong(made()).status_int == 401


def test_workers_share_a_count_by_redis_and_without_it_nobody_is_let_in(
    snapshot, database_url, redis
):
    first, second = (
        Browser(
            snapshot.app.create_app(
                database_url, secret_keys=["a key"], throttle=Throttle(redis.url)
            )
        )
        for _ in range(2)
    )
    assert [wrong(first).status_int for _ in range(5)] == [401] * 5
    assert [wrong(second).status_int for _ in range(6)] == [401] * 5 + [429]
    assert wrong(first).status_int == 429
    first.sign_in(BOB)
    redis.kill()
    answer = second.send("/login", email=BOB.email, password=BOB.password)
    assert (answer.status_int, "Set-Cookie" in answer.headers) == (503, False)
    assert alert(answer) == "Passwords cannot be checked just now. Please try again later."


@pytest.mark.parametrize("url", ["nonsense", "redis://127.0.0.1:1", "carrier-pigeon://x"])
def test_a_storage_that_cannot_be_used_is_one_clear_line(url):
    with pytest.raises(ThrottleError, match="Cannot count logins in") as found:
        Throttle(url)
    assert len(str(found.value).splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "carrier-pigeon://:hidden@127.0.0.1",
        "redis://:hidden@127.0.0.1:1",
        "redis://:hidden/hidden@127.0.0.1:1",
        "redis://127.0.0.1:1?password=hidden@hidden",
        "hidden",
    ],
)
def test_whoever_reads_the_error_lines_finds_no_password_of_the_storage(url):
    with pytest.raises(ThrottleError) as found:
        Throttle(url)
    assert "hidden" not in "".join(traceback.format_exception(found.value))

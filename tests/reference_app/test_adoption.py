"""The update from version 0.1, whose cookies had no session row, logs nobody out.

The old cookies are made by the app of step 7, which is the core of version 0.1.
"""

from collections import Counter

import pytest

from lessons.kit.course.steps import ROOT, find_step, load_app
from lessons.kit.stage import (
    ALICE,
    BOB,
    EXPIRED,
    SECRET_KEY,
    Browser,
    Thief,
    alert,
    payload,
    people_join,
    signed,
)
from reference_app import database
from tests.support.clock import MINUTE, take_the_clock
from tests.support.databases import execute, new_database

HOUR = 60 * MINUTE
LAST_OF_0_1 = "0005_rotate_in_the_database"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    with new_database(request, tmp_path) as where:
        people_join(database, where)
        database.migrate(where, LAST_OF_0_1)
        yield where


@pytest.fixture
def update(url, monkeypatch):
    return Update(url, monkeypatch)


class Update:
    """Alice, on two devices, and Bob, signed in to the old version, and the new one for them."""

    def __init__(self, url, monkeypatch):
        self.url = url
        self.old_parts, self.old = self.app_of(find_step(7).folder)
        browsers = [Browser(self.old) for _ in range(3)]
        clock = take_the_clock(self.old_parts, monkeypatch)
        clock.advance(-MINUTE)
        for browser, person in zip(browsers, (ALICE, ALICE, BOB), strict=True):
            browser.sign_in(person)
            clock.advance(1)
        self.laptop, self.phone, self.bob = browsers
        self.payload = payload(self.laptop)
        self.old_parts.database.db.close()
        database.migrate(url)
        self.parts, self.app = self.app_of(ROOT / "reference_app")
        self.clock = take_the_clock(self.parts, monkeypatch)
        for browser in browsers:
            browser.app = self.app
        self.thief = Thief(self.laptop)  # a copy of the old cookie

    def app_of(self, folder):
        parts = load_app(folder)
        return parts, parts.app.create_app(self.url, secret_keys=[SECRET_KEY])

    def rows(self):
        return execute(self.url, "SELECT user_id, signed_in_at, remembered FROM sessions")


def test_nobody_is_logged_out_and_each_gets_a_row_and_a_new_cookie(update):
    for browser in (update.laptop, update.phone, update.bob):
        assert browser.is_signed_in()
        assert list(payload(browser)) == ["session_id"]
        assert browser.is_signed_in()
    begun = update.payload["signed_in_at"]
    assert [user for user, *_ in update.rows()] == [1, 1, 2]
    assert update.rows()[0][1:] == (begun, False)


def test_all_requests_with_one_old_cookie_share_a_row(update):
    for _ in range(3):
        assert update.thief.is_signed_in()
    assert len(update.rows()) == 1


def spellings(cookie):
    """Over a hundred, all good: the signature's decoder skips what is not of its alphabet."""
    signed_part, _, signature = cookie.rpartition(".")
    yield from (f"{cookie}=", f"{cookie}==")
    for place in range(0, len(signature), 2):
        for junk in ("!!!!", "~~~~~~~~", "%*()", '"" ,', "\xff"):
            yield f"{signed_part}.{signature[:place]}{junk}{signature[place:]}"


def test_all_spellings_of_one_old_cookie_share_its_row_and_its_guesses(update):
    login = Browser(update.app)
    login.sign_in(ALICE)
    cookies = list(spellings(update.thief.cookie))
    answers = Counter(guess_with(update.app, cookie) for cookie in cookies)
    assert answers == {422: 10, 429: len(cookies) - 10}
    assert len(update.rows()) == 2
    assert login.is_signed_in()


def guess_with(app, cookie):
    thief = Browser(app)
    thief.extra_environ["HTTP_COOKIE"] = cookie
    return thief.send("/sessions/invalidate", current_password="guessed").status_int


def test_a_user_gets_a_hundred_rows_at_most(update):
    begun = update.payload["signed_in_at"]
    cookies = [signed({**update.payload, "signed_in_at": begun - n}) for n in range(102)]
    for cookie in cookies:
        assert Browser(update.app).open("/", Cookie=cookie).status_int == 200
    assert len(update.rows()) == 100
    assert update.bob.is_signed_in()


def test_the_first_request_may_be_a_form(update):
    update.laptop.send("/profile", name="Alice Liddell")
    assert "Hello, Alice Liddell" in update.laptop.get("/").text
    assert len(update.rows()) == 1


def test_an_end_ends_adopted_sessions_and_old_cookies_alike(update):
    assert update.laptop.is_signed_in()
    assert update.thief.is_signed_in()
    update.laptop.log_out_everywhere()
    for browser in (update.laptop, update.phone, update.thief):
        assert not browser.is_signed_in()
    assert update.bob.is_signed_in()


def test_a_logout_deletes_the_row_of_an_adopted_session(update):
    assert update.laptop.is_signed_in()
    copy = Thief(update.laptop)
    update.laptop.log_out()
    assert not copy.is_signed_in()
    assert update.phone.is_signed_in()


def test_the_time_of_the_login_goes_on_to_count(update):
    for _ in range(25):
        assert update.laptop.is_signed_in()
        update.clock.advance(29 * MINUTE)
    assert not update.laptop.is_signed_in()


@pytest.mark.parametrize(
    "changes",
    [
        {"session_token": None},
        {"session_token": ""},
        {"session_token": "0" * 32},
        {"session_token": "é"},
        {"signed_in_at": None},
        {"seen_at": "now"},
        {"user_id": None},
        {"user_id": 2},
        {"user_id": 404},
    ],
    ids=str,
)
def test_any_other_cookie_is_refused(update, changes):
    cookie = signed({**update.payload, **changes})
    assert Browser(update.app).open("/", Cookie=cookie).status_int == 303
    assert update.rows() == []


@pytest.mark.parametrize(("field", "limit"), [("signed_in_at", 12 * HOUR), ("seen_at", HOUR / 2)])
def test_the_old_limits_hold_for_an_old_cookie(update, field, limit):
    now = update.clock()
    times = {"signed_in_at": now - HOUR, "seen_at": now}
    for age, status in ((limit - 1, 200), (limit, 303), (-1, 303)):
        cookie = signed({**update.payload, **times, field: now - int(age)})
        assert Browser(update.app).open("/", Cookie=cookie).status_int == status


def test_an_inactive_user_is_not_adopted(update):
    execute(update.url, "UPDATE users SET active = FALSE")
    (token,) = execute(update.url, "SELECT session_token FROM users WHERE id = 1")[0]
    cookie = signed({**update.payload, "session_token": token})
    assert Browser(update.app).open("/", Cookie=cookie).status_int == 303
    assert update.rows() == []


# Both versions side by side on one database: what docs/operate.md says of it.


@pytest.fixture
def side_by_side(update):
    yield update
    update.old_parts.database.db.close()


def at(app, browser):
    """The same browser at a process of this version."""
    browser.app = app
    return browser


def test_who_comes_to_only_one_version_stays_signed_in(side_by_side):
    for _ in range(2):
        assert at(side_by_side.old, side_by_side.laptop).is_signed_in()
        assert at(side_by_side.app, side_by_side.phone).is_signed_in()
    side_by_side.bob.app = side_by_side.old
    assert side_by_side.bob.is_signed_in()
    assert at(side_by_side.app, side_by_side.bob).is_signed_in()


@pytest.mark.parametrize("what", ["visits", "signs in"])
def test_who_comes_to_the_new_version_and_then_to_the_old_one_has_to_log_in_again(
    side_by_side, what
):
    laptop = at(side_by_side.app, side_by_side.laptop)
    if what == "signs in":
        laptop.sign_in(ALICE)
    assert laptop.is_signed_in()
    refused = at(side_by_side.old, laptop).open("/")
    assert alert(refused.follow()) == EXPIRED
    assert laptop.cookies == {}
    laptop.sign_in(ALICE)
    assert laptop.is_signed_in()
    assert at(side_by_side.app, laptop).is_signed_in()
    assert at(side_by_side.old, side_by_side.bob).is_signed_in()


@pytest.mark.parametrize("ends_in", ["the old version", "the new version"])
def test_an_end_in_either_version_holds_in_both(side_by_side, ends_in):
    here, there = side_by_side.old, side_by_side.app
    if ends_in == "the new version":
        here, there = there, here
    old_cookie = side_by_side.thief
    assert at(side_by_side.app, side_by_side.phone).is_signed_in()
    adopted = Thief(side_by_side.phone)
    laptop = at(here, Browser(here))
    laptop.sign_in(ALICE)
    assert old_cookie.is_signed_in()
    laptop.log_out_everywhere()
    for app in (here, there):
        assert not at(app, old_cookie).is_signed_in()
    assert not adopted.is_signed_in()
    assert at(here, side_by_side.bob).is_signed_in()

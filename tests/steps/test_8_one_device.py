"""Step 8: a row for each session, under the token: one device can be ended, and no other."""

import logging
import re
from functools import partial

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import (
    ALICE,
    BOB,
    EXPIRED,
    Browser,
    Thief,
    buttons,
    leads_to,
    payload,
    press,
    signed,
    text,
)
from lessons.kit.stage.browsers import FIREFOX_ON_LINUX, SAFARI_ON_IPHONE
from tests.support.clock import MINUTE, take_the_clock
from tests.support.cookies import deleted_by
from tests.support.databases import audit, columns, execute, tokens, updates
from tests.support.meanwhile import (
    before_the_first_transaction,
    when_let_in,
    when_the_password_is_checked,
    when_the_row_is_read,
)

STEP = find_step(8)
pytestmark = pytest.mark.one_device
HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
MIGRATION = "0006_create_sessions"
JSON = {"Accept": "application/json"}
JUST_NOW = "Signed in just now, last seen just now."
CHROME_ON_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
EDGE_ON_WINDOWS = f"{CHROME_ON_WINDOWS} Edg/141.0.0.0"
SAFARI_ON_MACOS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Safari/605.1.15"
)
CHROME_ON_ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)


def rows(url, person=ALICE):
    """The numbers of the person's rows, oldest first."""
    assert has_sessions(url)
    sql = "SELECT id FROM sessions WHERE user_id = (SELECT id FROM users WHERE email = ?)"
    return sorted(number for (number,) in execute(url, sql, person.email))


def has_sessions(url):
    try:
        return {"id", "user_id", "session_token"} <= set(columns(url, "sessions"))
    except Exception:
        return False


def copy_the_newest(url, times):
    """Copy the newest row, with other digests."""
    names = [name for name in columns(url, "sessions") if name not in ("id", "digest")]
    listing = ", ".join(names)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    newest = f"(SELECT {listing} FROM sessions ORDER BY id DESC LIMIT 1) AS newest"
    copies = f"SELECT 'd' || i, {listing} FROM n, {newest}"
    execute(url, f"{numbers} INSERT INTO sessions (digest, {listing}) {copies}")


def refused(answer):
    """What a person reads whose session has expired."""
    assert (answer.status_int, leads_to(answer)) == (303, "/login?expired=1")
    return text(answer.follow())


def listed(browser):
    """The sessions as a program gets them, newest first."""
    return browser.get("/sessions", headers=JSON, status=200).json["sessions"]


def remember(browser, person=ALICE):
    fields = {"email": person.email, "password": person.password, "remember": "yes"}
    return browser.post("/login", fields, status=303)


def end(browser, number, password=ALICE.password):
    return browser.send("/sessions/end", id=number, current_password=password)


# One session ends, and no other.


def test_peers_6_a_copied_cookie_is_dead_after_an_ordinary_logout(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    assert leads_to(alice_laptop.log_out()) == "/login"
    assert alice_laptop.cookies == {}
    assert EXPIRED in refused(thief.open("/"))
    assert alice_phone.is_signed_in()
    assert bob.is_signed_in()
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    assert not thief.is_signed_in()


def test_peers_23_of_the_listed_sessions_one_can_be_ended(
    alice_laptop, alice_phone, bob, database_url
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_phone)
    assert thief.is_signed_in()
    phone, laptop = listed(alice_laptop)
    assert (phone["current"], laptop["current"]) == (False, True)
    answer = end(alice_laptop, phone["id"])
    assert (answer.status_int, leads_to(answer)) == (303, "/sessions")
    assert EXPIRED in refused(alice_phone.open("/"))
    assert not thief.is_signed_in()
    assert alice_laptop.is_signed_in()
    assert bob.is_signed_in()
    assert [one["id"] for one in listed(alice_laptop)] == [laptop["id"]]
    assert audit(database_url) == [(ALICE.email, ALICE.email, "one session ended", "")]


def test_peers_26_the_end_of_all_sessions_ends_a_copied_remember_me_cookie(
    alice_laptop, alice_phone, bob
):
    assert "max-age" in flags(remember(alice_laptop))
    remember(bob, BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    alice_phone.sign_in(ALICE)
    alice_phone.log_out_everywhere()
    assert not thief.is_signed_in()
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()


@pytest.mark.parametrize("person", [ALICE, BOB], ids=["the same", "another"])
def test_a_login_ends_the_session_that_this_browser_had(alice_laptop, alice_phone, person):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    alice_laptop.sign_in(person)
    assert not thief.is_signed_in()
    assert alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()


def test_a_login_that_is_refused_ends_nothing(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert len(rows(database_url)) == 1
    assert alice_laptop.send("/login", email=ALICE.email, password="wrong").status_int == 401
    assert alice_laptop.is_signed_in()


def test_a_logout_of_a_dead_session_ends_no_other(alice_laptop, alice_phone, database_url):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_laptop)
    alice_laptop.log_out()
    before = rows(database_url)
    assert leads_to(thief.log_out()) == "/login?expired=1"
    assert rows(database_url) == before
    assert alice_phone.is_signed_in()


# The cookie and the row.


def test_the_cookie_holds_a_random_id_alone(alice_laptop, alice_phone):
    ids = set()
    for _ in range(2):
        for browser in (alice_laptop, alice_phone):
            browser.sign_in(ALICE)
            assert list(payload(browser)) == ["session_id"]
            ids.add(payload(browser)["session_id"])
    assert len(ids) == 4
    assert min(map(len, ids)) >= 22  # 128 bits, even in the densest usual alphabet


def test_no_table_holds_what_a_cookie_holds(alice_laptop, database_url):
    """Whoever reads the database, or a backup of it, cannot make a cookie even with the key."""
    alice_laptop.sign_in(ALICE)
    assert len(rows(database_url)) == 1
    session_id = payload(alice_laptop)["session_id"]
    for table in ("sessions", "users", "audit"):
        assert session_id not in str(execute(database_url, f"SELECT * FROM {table}"))
    for column in columns(database_url, "sessions"):
        for (value,) in execute(database_url, f"SELECT {column} FROM sessions"):
            if isinstance(value, bytes | memoryview):
                value = bytes(value).hex()
            made_up = signed({"session_id": value})
            assert Browser(alice_laptop.app).open("/", Cookie=made_up).status_int == 303


@pytest.mark.parametrize(
    "session_id",
    [None, "", "0" * 64, "é", "\0", 1, True, [], {}],
    ids=["null", "empty", "made up", "not ASCII", "NUL", "number", "true", "list", "object"],
)
def test_any_other_id_is_refused(alice_laptop, session_id):
    alice_laptop.sign_in(ALICE)
    assert list(payload(alice_laptop)) == ["session_id"]
    answer = Browser(alice_laptop.app).open("/", Cookie=signed({"session_id": session_id}))
    assert EXPIRED in refused(answer)


def test_a_cookie_of_the_step_before_is_refused(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert list(payload(alice_laptop)) == ["session_id"]
    token = tokens(database_url)[ALICE.email]
    old = {"user_id": 1, "session_token": token, "signed_in_at": 2**40, "seen_at": 2**40}
    assert EXPIRED in refused(Browser(alice_laptop.app).open("/", Cookie=signed(old)))


def test_a_row_counts_only_under_the_users_token(alice_laptop, bob, database_url):
    """The rows are all there, and one write to the user ends them."""
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    before = rows(database_url)
    assert alice_laptop.is_signed_in()
    execute(database_url, "UPDATE users SET session_token = 'x' WHERE email = ?", ALICE.email)
    assert not Thief(alice_laptop).is_signed_in()
    assert rows(database_url) == before
    assert bob.is_signed_in()


def test_an_empty_token_matches_no_row(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert rows(database_url)
    assert alice_laptop.is_signed_in()
    for table in ("users", "sessions"):
        execute(database_url, f"UPDATE {table} SET session_token = ''")
    assert not alice_laptop.is_signed_in()


def test_an_inactive_user_is_out_whatever_the_row_says(alice_laptop, bob, database_url):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert rows(database_url)
    assert alice_laptop.is_signed_in()
    execute(database_url, "UPDATE users SET active = FALSE WHERE email = ?", ALICE.email)
    same = "(SELECT session_token FROM users WHERE users.id = sessions.user_id)"
    execute(database_url, f"UPDATE sessions SET session_token = {same}")
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()


def test_everybodys_sessions_end_with_one_statement(User, alice_laptop, bob, database_url, caplog):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert rows(database_url)
    assert bob.is_signed_in()
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "peewee"):
        assert User.invalidate_all() == 2
    sent = [str(record.msg) for record in caplog.records]
    assert len(updates(caplog)) == 1
    assert not [statement for statement in sent if "DELETE" in statement]
    assert not alice_laptop.is_signed_in()
    assert not bob.is_signed_in()


# The logins that race.


def test_a_login_with_the_old_password_gets_nothing(
    alice_laptop, alice_phone, monkeypatch, database_url
):
    alice_phone.sign_in(ALICE)
    assert rows(database_url)
    when_the_password_is_checked(
        monkeypatch, lambda: alice_phone.change_password(ALICE.password, "a new password")
    )
    alice_laptop.sign_in(ALICE)
    assert not alice_laptop.is_signed_in()
    alice_laptop.sign_in(ALICE, "a new password")
    assert alice_laptop.is_signed_in()


def test_a_login_with_the_old_password_ends_nothing(
    alice_laptop, alice_phone, monkeypatch, database_url
):
    alice_phone.sign_in(ALICE)
    assert rows(database_url)
    when_the_password_is_checked(
        monkeypatch, lambda: alice_phone.change_password(ALICE.password, "a new password")
    )
    alice_laptop.sign_in(ALICE)
    assert alice_phone.is_signed_in()


def test_a_login_of_a_user_who_is_deleted_meanwhile_is_no_error(
    alice_laptop, monkeypatch, database_url
):
    assert has_sessions(database_url)
    delete = "DELETE FROM users WHERE email = ?"
    delete_alice = partial(execute, database_url, delete, ALICE.email)
    when_the_password_is_checked(monkeypatch, delete_alice)
    answer = alice_laptop.send("/login", email=ALICE.email, password=ALICE.password)
    assert answer.status_int in (303, 401)
    assert not alice_laptop.is_signed_in()


# The limits, and the visits that move them.


def test_the_cookie_has_no_say_in_the_limits(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    assert list(payload(alice_laptop)) == ["session_id"]
    clock.advance(30 * MINUTE)
    far = dict.fromkeys(["signed_in_at", "seen_at", "expires_at"], clock() + DAY)
    cookie = signed({**payload(alice_laptop), **far})
    assert not alice_laptop.is_signed_in()
    assert Browser(alice_laptop.app).open("/", Cookie=cookie).status_int == 303


def test_a_visit_is_written_at_most_once_a_minute(
    snapshot, monkeypatch, alice_laptop, database_url, caplog
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    begun = payload(alice_laptop)
    assert rows(database_url)
    clock.advance(59)
    assert alice_laptop.is_signed_in()
    assert execute(database_url, "SELECT seen_at FROM sessions") == [(clock() - 59,)]
    clock.advance(1)
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "peewee"):
        assert "Set-Cookie" in alice_laptop.get("/", status=200).headers
        assert "Set-Cookie" not in alice_laptop.get("/", status=200).headers
    assert len(updates(caplog)) == 1
    assert payload(alice_laptop) == begun
    times = execute(database_url, "SELECT signed_in_at, seen_at FROM sessions")
    assert times == [(clock() - 60, clock())]


def test_a_late_renewal_undoes_no_logout(snapshot, monkeypatch, alice_laptop, database_url):
    """The logout comes when the check has let the other request in."""
    late = renew_late(snapshot, monkeypatch, alice_laptop, database_url)
    assert rows(database_url) == []
    for cookie in [late.cookie, *(f"session={value}" for value in late.cookies.values())]:
        assert Browser(late.app).open("/", Cookie=cookie).status_int == 303


def test_a_late_renewal_sends_no_cookie(snapshot, monkeypatch, alice_laptop, database_url):
    late = renew_late(snapshot, monkeypatch, alice_laptop, database_url)
    assert late.cookies == {}


def renew_late(snapshot, monkeypatch, browser, url):
    """Visit when the session is due for renewal. Its row is deleted just after the check."""
    clock = take_the_clock(snapshot, monkeypatch)
    browser.sign_in(ALICE)
    assert len(rows(url)) == 1
    late = Thief(browser)
    clock.advance(MINUTE)
    with monkeypatch.context() as patch:
        when_the_row_is_read(snapshot, patch, lambda: execute(url, "DELETE FROM sessions"))
        late.open("/")
    return late


def test_a_remembered_session_lasts_a_week_without_a_visit(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    remember(alice_laptop)
    for _ in range(3):
        clock.advance(7 * DAY - 1)
        assert alice_laptop.is_signed_in()
    clock.advance(7 * DAY)
    assert EXPIRED in refused(alice_laptop.open("/"))


def test_a_remembered_session_lasts_thirty_days_however_busy(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    remember(alice_laptop)
    for _ in range(5 * 2):
        clock.advance(3 * DAY - 1)
        assert alice_laptop.is_signed_in()
    clock.advance(9)
    assert alice_laptop.is_signed_in()
    clock.advance(1)
    assert not alice_laptop.is_signed_in()


@pytest.mark.parametrize(
    "field", [{}, {"remember": ""}, {"remember": "no"}], ids=["nothing", "empty", "no"]
)
def test_only_yes_is_remembered(snapshot, monkeypatch, alice_laptop, alice_phone, field):
    assert "max-age" in flags(remember(alice_phone))
    clock = take_the_clock(snapshot, monkeypatch)
    fields = {"email": ALICE.email, "password": ALICE.password, **field}
    answer = alice_laptop.post("/login", fields, status=303)
    assert "max-age" not in answer.headers["Set-Cookie"].lower()
    clock.advance(30 * MINUTE)
    assert not alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()


@pytest.mark.parametrize(("scheme", "name"), [("http", "session"), ("https", "__Host-session")])
def test_a_remembered_cookie_outlives_the_browser_and_not_its_session(
    snapshot, monkeypatch, app, scheme, name
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice = Browser(app, scheme)
    first = flags(remember(alice))
    assert first.pop("max-age", "") == str(30 * DAY)
    assert name in first
    clock.advance(DAY)
    renewed = flags(alice.get("/", status=200))
    assert renewed.pop("max-age", "") == str(29 * DAY)
    assert without_value(renewed) == without_value(first)
    assert deleted_by(alice.log_out()) == {name}


def flags(answer):
    pairs = [part.strip().partition("=") for part in answer.headers["Set-Cookie"].split(";")]
    return {(name if "session" in name else name.lower()): value for name, _, value in pairs}


def without_value(cookie):
    return {name: value for name, value in cookie.items() if "session" not in name}


# Those who stay in, with a new row.


def test_the_kept_browser_has_a_new_id_and_a_copy_of_the_old_one_is_out(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief, before = Thief(alice_laptop), payload(alice_laptop)
    assert list(before) == ["session_id"]
    alice_laptop.change_password(ALICE.password, "a new password")
    assert payload(alice_laptop)["session_id"] != before["session_id"]
    assert not thief.is_signed_in()
    assert alice_laptop.is_signed_in()


def test_the_kept_browser_stays_remembered_and_has_one_row(
    snapshot, monkeypatch, alice_laptop, database_url
):
    take_the_clock(snapshot, monkeypatch)
    remember(alice_laptop)
    answer = alice_laptop.change_password(ALICE.password, "a new password")
    assert len(rows(database_url)) == 1
    assert flags(answer).get("max-age") == str(30 * DAY)
    assert alice_laptop.is_signed_in()


def test_a_session_that_is_ended_in_between_is_kept_by_nobody(app, alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert rows(database_url)
    when_let_in(app, lambda: execute(database_url, "DELETE FROM sessions"))
    fields = {"current_password": ALICE.password, "new_password": "mallory's"}
    assert leads_to(alice_laptop.send("/password", **fields)) == "/login?expired=1"
    assert not alice_laptop.is_signed_in()
    alice_laptop.sign_in(ALICE)


# The write that was already running when its session was ended.


WRITES = {
    "/profile": {"name": "Mallory"},
    "/email": {"email": "mallory@example.com", "current_password": ALICE.password},
    "/password": {"current_password": ALICE.password, "new_password": "mallory's"},
    "/sessions/invalidate": {"current_password": ALICE.password, "keep": "this"},
}


@pytest.mark.parametrize("path", WRITES, ids=["name", "email", "password", "everywhere else"])
def test_a_write_that_comes_after_its_logout_changes_nothing_and_says_so(
    app, alice_laptop, alice_phone, database_url, path
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    mine, _ = rows(database_url)
    assert alice_laptop.is_signed_in()
    before = execute(database_url, "SELECT * FROM users ORDER BY id")
    when_let_in(app, lambda: execute(database_url, "DELETE FROM sessions WHERE id = ?", mine))
    answer = alice_laptop.send(path, **WRITES[path])
    assert execute(database_url, "SELECT * FROM users ORDER BY id") == before
    assert audit(database_url) == []
    assert EXPIRED in refused(answer)
    assert alice_laptop.cookies == {}
    assert alice_phone.is_signed_in()


def test_a_session_that_was_ended_ends_no_other(app, alice_laptop, alice_phone, database_url):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    mine, phones = rows(database_url)
    when_let_in(app, lambda: execute(database_url, "DELETE FROM sessions WHERE id = ?", mine))
    assert leads_to(end(alice_laptop, phones)) == "/login?expired=1"
    assert alice_phone.is_signed_in()


def test_the_audit_has_only_what_was_ended(
    snapshot, monkeypatch, alice_laptop, alice_phone, database_url
):
    """Of two quick clicks, the second finds the session, and the first deletes it."""
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    phone, _ = listed(alice_laptop)
    first = f"DELETE FROM sessions WHERE id = {phone['id']}"
    with monkeypatch.context() as patch:
        before_the_first_transaction(snapshot, patch, lambda: execute(database_url, first))
        answer = end(alice_laptop, phone["id"])
    assert answer.status_int in (303, 404)
    assert audit(database_url) == []
    assert alice_laptop.is_signed_in()


# The list.


def test_a_program_gets_the_sessions_as_json(snapshot, monkeypatch, alice_laptop, alice_phone, bob):
    clock = take_the_clock(snapshot, monkeypatch)
    begun = clock()
    alice_laptop.extra_environ["HTTP_USER_AGENT"] = FIREFOX_ON_LINUX
    alice_phone.extra_environ["HTTP_USER_AGENT"] = SAFARI_ON_IPHONE
    alice_laptop.sign_in(ALICE)
    clock.advance(MINUTE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    clock.advance(MINUTE)
    answer = alice_laptop.get("/sessions", headers=JSON, status=200)
    assert answer.content_type == "application/json"
    assert list(answer.json) == ["sessions"]
    phone, laptop = answer.json["sessions"]
    assert laptop == {
        "id": laptop["id"],
        "signed_in_at": begun,
        "seen_at": clock(),
        "browser": "Firefox on Linux",
        "current": True,
    }
    assert phone == {
        "id": phone["id"],
        "signed_in_at": clock() - MINUTE,
        "seen_at": clock() - MINUTE,
        "browser": "Safari on iPhone",
        "current": False,
    }


def test_the_page_says_which_browsers_and_since_when(
    snapshot, monkeypatch, alice_laptop, alice_phone
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.extra_environ["HTTP_USER_AGENT"] = FIREFOX_ON_LINUX
    alice_phone.extra_environ["HTTP_USER_AGENT"] = SAFARI_ON_IPHONE
    alice_phone.sign_in(ALICE)
    for _ in range(3):
        clock.advance(20 * MINUTE)
        assert alice_phone.is_signed_in()
    clock.advance(2 * MINUTE)
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.get("/", status=200).html.find(href="/sessions")
    page = alice_laptop.get("/sessions", status=200)
    assert page.html.h1.text == "Your sessions"
    headings = [heading.text for heading in page.html("h2")]
    assert headings == ["Firefox on Linux, this browser", "Safari on iPhone"]
    assert times(page) == [JUST_NOW, "Signed in 1 hour ago, last seen 2 minutes ago."]


def times(page):
    """What the list says of the times of each session."""
    return re.findall(r"Signed in [^.]*, last seen [^.]*\.(?: Remembered\.)?", text(page))


def test_a_remembered_session_is_listed_as_one(snapshot, monkeypatch, alice_laptop, alice_phone):
    clock = take_the_clock(snapshot, monkeypatch)
    remember(alice_phone)
    clock.advance(DAY)
    assert alice_phone.is_signed_in()
    clock.advance(DAY)
    alice_laptop.sign_in(ALICE)
    page = alice_laptop.get("/sessions", status=200)
    before = "Signed in 2 days ago, last seen 1 day ago. Remembered."
    assert times(page) == [JUST_NOW, before]
    assert text(page).count("Remembered.") == 1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (FIREFOX_ON_LINUX, "Firefox on Linux"),
        (SAFARI_ON_IPHONE, "Safari on iPhone"),
        (CHROME_ON_WINDOWS, "Chrome on Windows"),
        (EDGE_ON_WINDOWS, "Edge on Windows"),
        (SAFARI_ON_MACOS, "Safari on macOS"),
        (CHROME_ON_ANDROID, "Chrome on Android"),
        (FIREFOX_ON_LINUX.partition("Gecko")[0], "Unknown browser on Linux"),
        ("Firefox/140.0", "Firefox"),
        ("curl/8.14.1", "Unknown browser"),
        ("", "Unknown browser"),
        ("<script>" * 999, "Unknown browser"),
    ],
    ids=[
        *["Linux", "iPhone", "Windows", "Edge", "macOS", "Android"],
        *["no browser", "no system", "program", "missing", "odd"],
    ],
)
def test_a_browser_is_named_in_words(alice_laptop, header, words):
    alice_laptop.extra_environ["HTTP_USER_AGENT"] = header
    alice_laptop.sign_in(ALICE)
    assert [session["browser"] for session in listed(alice_laptop)] == [words]


def test_only_live_sessions_are_listed(
    snapshot, monkeypatch, alice_laptop, alice_phone, database_url
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_phone.sign_in(ALICE)
    assert rows(database_url)
    clock.advance(29 * MINUTE)
    alice_laptop.sign_in(ALICE)
    assert len(listed(alice_laptop)) == 2
    clock.advance(MINUTE)
    assert [session["current"] for session in listed(alice_laptop)] == [True]


def test_the_buttons_of_the_list_end_the_sessions(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    page = alice_phone.get("/sessions", status=200)
    assert buttons(page)["End this session"] == "/sessions/end"
    fields = [field["id"] for field in page.html("input") if field.get("type") == "password"]
    assert [label["for"] for label in page.html("label")] == fields
    assert len(set(fields)) == 2
    alice_laptop.log_out()
    page = alice_phone.get("/sessions", status=200)
    assert len(page.html("form", action="/sessions/end")) == 1
    answer = press(page, "End this session", current_password=ALICE.password)
    assert leads_to(answer) == "/sessions"
    assert not alice_phone.is_signed_in()
    assert alice_phone.cookies == {}


@pytest.mark.parametrize("password", ["wrong", ""], ids=["wrong", "missing"])
def test_without_the_password_no_device_is_ended(alice_laptop, alice_phone, password):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    phone, _ = listed(alice_laptop)
    answer = end(alice_laptop, phone["id"], password)
    assert answer.status_int == 422
    assert "That is not your current password." in text(answer)
    assert answer.html.h1.text == "Your sessions"
    assert alice_phone.is_signed_in()


def test_nobody_ends_somebody_elses_session(alice_laptop, bob, database_url):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    (session,) = listed(alice_laptop)
    assert end(bob, session["id"], BOB.password).status_int == 404
    assert alice_laptop.is_signed_in()
    assert audit(database_url) == []


@pytest.mark.parametrize(
    "number",
    ["", "0", "-1", "x", "\N{ARABIC-INDIC DIGIT ONE}", "9" * 99, "1.0", "\0", "1 OR 1"],
    ids=["empty", "zero", "negative", "letter", "Arabic", "huge", "decimal", "NUL", "SQL"],
)
def test_an_id_that_is_none_is_not_found(alice_laptop, number):
    alice_laptop.sign_in(ALICE)
    assert len(listed(alice_laptop)) == 1
    assert end(alice_laptop, number).status_int == 404
    assert end(alice_laptop, number, "wrong").status_int == 422
    assert alice_laptop.is_signed_in()


def test_a_session_that_is_over_is_not_found(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    phone, _ = listed(alice_laptop)
    alice_phone.log_out()
    assert end(alice_laptop, phone["id"]).status_int == 404


def test_the_number_of_an_ended_session_is_not_given_to_the_next(alice_laptop, alice_phone):
    """A page that is still open would end the wrong one."""
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    before = listed(alice_laptop)[0]
    alice_phone.log_out()
    alice_phone.sign_in(ALICE)
    after = listed(alice_laptop)[0]
    assert after["id"] != before["id"]


# Rows that are over.


def test_a_login_deletes_the_users_own_rows_that_are_over(
    snapshot, monkeypatch, app, bob, database_url
):
    clock = take_the_clock(snapshot, monkeypatch)
    bob.sign_in(BOB)
    for _ in range(3):
        Browser(app).sign_in(ALICE)
    assert len(rows(database_url)) == 3
    clock.advance(30 * MINUTE)
    alice = Browser(app)
    alice.sign_in(ALICE)
    assert len(rows(database_url)) == 1
    Browser(app).sign_in(ALICE)
    assert len(rows(database_url)) == 2
    alice.log_out_everywhere()
    alice.sign_in(ALICE)
    assert len(rows(database_url)) == 1
    assert len(rows(database_url, BOB)) == 1


def test_a_user_has_at_most_a_hundred_sessions(
    snapshot, monkeypatch, app, alice_laptop, database_url
):
    """The oldest login ends: a loop that signs in cannot fill the table."""
    clock = take_the_clock(snapshot, monkeypatch)
    first, second = Browser(app), Browser(app)
    first.sign_in(ALICE)
    clock.advance(1)
    second.sign_in(ALICE)
    assert rows(database_url)
    copy_the_newest(database_url, times=98)
    clock.advance(MINUTE)
    assert first.is_signed_in()
    alice_laptop.sign_in(ALICE)
    assert len(rows(database_url)) == 100
    assert not first.is_signed_in()
    assert second.is_signed_in()
    assert alice_laptop.is_signed_in()


def test_expired_rows_can_be_deleted_by_a_command(
    snapshot, monkeypatch, alice_laptop, alice_phone, bob, database_url
):
    assert hasattr(snapshot.models, "Session")
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    remember(alice_phone)
    clock.advance(30 * MINUTE)
    assert snapshot.models.Session.prune(clock()) == 2
    assert len(rows(database_url)) == 1
    assert rows(database_url, BOB) == []
    assert alice_phone.is_signed_in()
    assert snapshot.models.Session.prune(clock()) == 0


def test_thousands_of_expired_rows_are_deleted_in_batches(
    snapshot, monkeypatch, alice_laptop, bob, database_url, caplog
):
    """A thousand at a time, so that nobody waits for long."""
    assert hasattr(snapshot.models, "Session")
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    copy_the_newest(database_url, times=2500)
    clock.advance(30 * MINUTE)
    bob.sign_in(BOB)
    with caplog.at_level(logging.DEBUG, "peewee"):
        assert snapshot.models.Session.prune(clock()) == 2501
    sent = [str(record.msg) for record in caplog.records if record.name == "peewee"]
    assert len([statement for statement in sent if "DELETE" in statement.upper()]) >= 3
    assert rows(database_url) == []
    assert bob.is_signed_in()


def test_the_rows_of_a_deleted_user_go_too(User, alice_laptop, bob, database_url):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert rows(database_url)
    User.delete().where(User.email == ALICE.email).execute()
    assert execute(database_url, "SELECT count(*) FROM sessions") == [(1,)]
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()


def test_the_migration_can_be_undone(snapshot, alice_laptop, database_url):
    assert (snapshot.database.MIGRATIONS / f"{MIGRATION}.py").exists()
    alice_laptop.sign_in(ALICE)
    before = execute(database_url, "SELECT * FROM users ORDER BY id")
    assert snapshot.database.rollback(database_url, MIGRATION)[-1] == MIGRATION
    assert not has_sessions(database_url)
    assert snapshot.database.migrate(database_url)[0] == MIGRATION
    assert rows(database_url) == []
    assert execute(database_url, "SELECT * FROM users ORDER BY id") == before

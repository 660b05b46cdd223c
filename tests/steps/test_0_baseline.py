"""Step 0: a sound login by signed cookie, and what nobody can do about a copy of it."""

import bcrypt
import bottle
import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import (
    ALICE,
    BOB,
    EXPIRED,
    SECRET_KEY,
    Browser,
    Thief,
    alert,
    leads_to,
    payload,
    signed,
    text,
)
from tests.support.databases import columns, execute

STEP = find_step(0)
pytestmark = pytest.mark.baseline
somebody_can_stay_in = pytest.mark.holds(but_not=3)


@somebody_can_stay_in
def test_sign_in_edit_the_name_and_log_out(alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert "Hello, Alice" in alice_laptop.get("/").text
    alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    assert "Hello, Alice Liddell" in alice_laptop.get("/").text
    assert leads_to(alice_laptop.log_out()) == "/login"
    assert not alice_laptop.is_signed_in()


@pytest.mark.holds(until=2)
def test_a_copied_cookie_outlives_all_that_its_owner_can_do(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    alice_laptop.change_password(ALICE.password, "a new password")
    alice_laptop.log_out()
    alice_laptop.sign_in(ALICE, "a new password")
    assert "Hello, Alice" in thief.get("/", status=200).text


def test_a_visitor_is_sent_to_the_login_page(alice_laptop):
    answer = alice_laptop.get("/", status=303)
    assert leads_to(answer) == "/login"
    login = answer.follow()
    assert login.html.h1.text == "Log in"
    assert alert(login) is None
    assert EXPIRED not in text(login)


@pytest.mark.parametrize("path", ["/login", "/", "/nowhere"])
def test_the_databases_connection_is_closed_after_a_request(User, alice_laptop, path):
    alice_laptop.open(path)
    assert User._meta.database.is_closed()


@somebody_can_stay_in
def test_the_login_form_works_as_a_person_uses_it(alice_laptop):
    form = alice_laptop.get("/").follow().form
    form["email"], form["password"] = ALICE.email, ALICE.password
    assert form.submit().follow().html.h1.text == "Hello, Alice"


def test_case_and_space_in_the_address_do_not_matter(alice_laptop):
    fields = {"email": f" {ALICE.email.upper()} ", "password": ALICE.password}
    assert leads_to(alice_laptop.post("/login", fields, status=303)) == "/"


def test_a_known_and_an_unknown_address_get_the_same_answer(alice_laptop):
    known = alice_laptop.send("/login", email=ALICE.email, password="wrong")
    unknown = alice_laptop.send("/login", email="eve@example.com", password="wrong")
    assert known.status_int == unknown.status_int == 401
    assert alert(known) == "Invalid credentials"
    assert known.body == unknown.body
    assert "Set-Cookie" not in known.headers


def test_a_known_and_an_unknown_address_cost_one_bcrypt_check_each(alice_laptop, monkeypatch):
    costs, check = [], bcrypt.checkpw

    def checkpw(password, digest):
        costs.append(digest[:7])
        return check(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    for email in (ALICE.email, "eve@example.com"):
        for password in ("wrong", "x" * 100, ""):
            alice_laptop.send("/login", email=email, password=password)
    assert costs == [b"$2b$04$"] * 6


@somebody_can_stay_in
def test_a_changed_password_replaces_the_old_one(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    assert leads_to(alice_laptop.change_password(ALICE.password, "a new password")) == "/"
    assert alice_phone.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    alice_phone.sign_in(ALICE, "a new password")


@somebody_can_stay_in
@pytest.mark.parametrize(
    ("current", "new", "reason"),
    [
        ("wrong", "a new password", "That is not your current password."),
        (ALICE.password, "", "A password must be"),
        (ALICE.password, "é" * 36 + "x", "A password must be"),
    ],
    ids=["wrong current password", "empty", "73 bytes"],
)
def test_a_refused_password_change_says_why_and_changes_nothing(
    alice_laptop, database_url, current, new, reason
):
    alice_laptop.sign_in(ALICE)
    before = execute(database_url, "SELECT * FROM users ORDER BY id")
    answer = alice_laptop.send("/password", current_password=current, new_password=new)
    assert answer.status_int == 422
    assert alert(answer).startswith(reason)
    assert execute(database_url, "SELECT * FROM users ORDER BY id") == before
    assert alice_laptop.is_signed_in()


@somebody_can_stay_in
@pytest.mark.parametrize(
    "new", ["é" * 36, " " * 8, "nul \0 inside"], ids=["72 bytes", "spaces", "NUL"]
)
def test_a_password_is_taken_to_the_letter(alice_laptop, alice_phone, new):
    alice_laptop.sign_in(ALICE)
    alice_laptop.change_password(ALICE.password, new)
    alice_phone.sign_in(ALICE, new)
    assert alice_laptop.send("/login", email=ALICE.email, password=new + "x").status_int == 401


@somebody_can_stay_in
@pytest.mark.parametrize("name", ["", "  ", "x" * 256], ids=["empty", "blank", "too long"])
def test_a_refused_name_says_why_and_changes_nothing(alice_laptop, name):
    alice_laptop.sign_in(ALICE)
    answer = alice_laptop.send("/profile", name=name)
    assert answer.status_int == 422
    assert alert(answer) == "A name must be 1 to 255 characters long."
    assert "Hello, Alice" in alice_laptop.get("/").text


@somebody_can_stay_in
def test_a_name_is_shown_as_text(alice_laptop):
    alice_laptop.sign_in(ALICE)
    alice_laptop.post("/profile", {"name": "<script>alert('é')</script>"}, status=303)
    page = alice_laptop.get("/")
    assert page.html.h1.text == "Hello, <script>alert('é')</script>"
    assert page.html.find("script") is None


@pytest.mark.parametrize(
    ("scheme", "name", "flags"),
    [
        ("http", "session", {"HttpOnly", "SameSite=lax", "Path=/"}),
        ("https", "__Host-session", {"HttpOnly", "SameSite=lax", "Path=/", "Secure"}),
    ],
)
def test_the_cookie_is_as_strict_as_the_connection_allows(app, scheme, name, flags):
    cookie, *attributes = Browser(app, scheme).sign_in(ALICE).headers["Set-Cookie"].split("; ")
    assert cookie.startswith(f"{name}=")
    assert set(attributes) == flags


@somebody_can_stay_in
def test_over_https_a_plain_cookie_is_ignored(app):
    alice = Browser(app, "https")
    alice.sign_in(ALICE)
    assert Thief(alice).is_signed_in()
    planted = {"Cookie": alice.cookie.removeprefix("__Host-")}
    assert Browser(app, "https").open("/", **planted).status_int == 303


@somebody_can_stay_in
def test_signing_in_over_another_session_leaves_nothing_of_it(alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    alice_laptop.sign_in(BOB)
    bob.sign_in(BOB)
    assert whose_and_what(payload(alice_laptop)) == whose_and_what(payload(bob))
    assert "Hello, Bob" in alice_laptop.get("/").text


def whose_and_what(session):
    """Times, and what else an app may write, differ from one login to the next."""
    return session.get("user_id"), sorted(session)


def test_the_payload_of_a_login_is_a_fresh_one(alice_laptop, bob):
    bob.sign_in(BOB)
    left_over = signed({"user_id": 1, "basket": "Alice's"})
    fields = {"email": BOB.email, "password": BOB.password}
    alice_laptop.post("/login", fields, headers={"Cookie": left_over}, status=303)
    assert whose_and_what(payload(alice_laptop)) == whose_and_what(payload(bob))


def test_a_cookie_we_did_not_sign_is_no_session(alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    forged = [
        signed({"user_id": 1}, key="another key"),
        alice_laptop.cookie[:-1],
        alice_laptop.cookie.replace("session=", "session=x"),
        "session=",
    ]
    answers = [bob.open("/", Cookie=cookie) for cookie in forged]
    assert [leads_to(answer) for answer in answers] == ["/login"] * len(forged)


@somebody_can_stay_in
@pytest.mark.parametrize("other", ['a="b', "x=\xe9", "a,b=1", "x=y session="])
def test_no_other_cookie_of_the_site_hides_the_session_or_becomes_it(alice_laptop, bob, other):
    """Python's own parser ends a cookie at a space, and loses what follows an odd one."""
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    _, bobs = bob.cookie.split("=", 1)
    for cookies in (
        f"{alice_laptop.cookie}; {other}{bobs}",
        f"{other}{bobs}; {alice_laptop.cookie}",
    ):
        page = Browser(bob.app).get("/", headers={"Cookie": cookies}, status=200)
        assert "Hello, Alice" in page.text
    assert Browser(bob.app).open("/", Cookie=f"{other}{bobs}").status_int == 303


@somebody_can_stay_in
def test_two_cookies_of_the_sessions_name_are_none(alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    both = f"{alice_laptop.cookie}; {bob.cookie}"
    answer = Browser(bob.app).get("/", headers={"Cookie": both}, status=303)
    assert leads_to(answer) == "/login"


@somebody_can_stay_in
@pytest.mark.parametrize("lacks", ["a database", "its tables", "a key"])
def test_an_app_that_cannot_start_leaves_the_one_that_runs_as_it_was(
    snapshot, database_url, alice_laptop, tmp_path, lacks
):
    url = {
        "a database": "nonsense",
        "its tables": f"sqlite:///{(tmp_path / 'new.db').as_posix()}",
        "a key": database_url,
    }[lacks]
    alice_laptop.sign_in(ALICE)
    with pytest.raises((ValueError, RuntimeError)):
        snapshot.app.create_app(url, secret_keys=[] if lacks == "a key" else ["another key"])
    assert "Hello, Alice" in alice_laptop.get("/", status=200).text


@somebody_can_stay_in
def test_an_older_key_still_verifies_and_the_newest_signs(snapshot, database_url, alice_laptop):
    def app_with(*keys):
        return Browser(snapshot.app.create_app(database_url, secret_keys=list(keys)))

    alice_laptop.sign_in(ALICE)
    by_old_key = alice_laptop.cookie
    browser = app_with(SECRET_KEY, "a newer key")
    assert browser.open("/", Cookie=by_old_key).status_int == 200
    browser.sign_in(ALICE)
    by_new_key = browser.cookie
    browser = app_with("a newer key")
    assert browser.open("/", Cookie=by_old_key).status_int == 303
    assert browser.open("/", Cookie=by_new_key).status_int == 200


@somebody_can_stay_in
def test_a_deleted_user_is_out(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    execute(database_url, "DELETE FROM users WHERE email = ?", ALICE.email)
    assert not alice_laptop.is_signed_in()


def test_a_page_is_compiled_once(alice_laptop):
    alice_laptop.get("/login")
    compiled = len(bottle.TEMPLATES)
    for _ in range(5):
        alice_laptop.get("/login")
    compiled_anew = len(bottle.TEMPLATES) - compiled
    assert compiled_anew == 0


@somebody_can_stay_in
def test_an_unknown_page_is_not_there(alice_laptop, bob):
    assert leads_to(bob.open("/nowhere")) == "/login"
    alice_laptop.sign_in(ALICE)
    page = alice_laptop.get("/nowhere", status=404)
    assert page.html.h1.text == "404 Not Found"
    assert alice_laptop.get("/logout", status=405).html.h1.text == "405 Method Not Allowed"


def test_the_app_needs_its_migrations(snapshot, people):
    pending = snapshot.database.migrate(people)
    if not pending:
        snapshot.database.rollback(people, "0001_create_users")
        pending = ["0001_create_users"]
    else:
        snapshot.database.rollback(people, pending[0])
    with pytest.raises(snapshot.database.PendingMigrationsError, match=pending[-1]):
        snapshot.app.create_app(people, secret_keys=[SECRET_KEY])


def test_migrating_twice_does_nothing_and_rollback_undoes(snapshot, empty_database):
    applied = snapshot.database.migrate(empty_database)
    assert applied[0] == "0001_create_users"
    assert snapshot.database.migrate(empty_database) == []
    assert {"id", "email", "name", "password_digest"} <= set(columns(empty_database))
    undone = snapshot.database.rollback(empty_database, "0001_create_users")
    assert undone == applied[::-1]
    assert snapshot.database.migrate(empty_database) == applied


@pytest.mark.parametrize(
    "url",
    ["nonsense", "sqlite:///:memory:", "sqlite://", "sqlite:///no/such/folder/kit.db"],
)
def test_a_database_that_cannot_be_used_is_refused_with_the_reason(snapshot, url):
    with pytest.raises(snapshot.database.DatabaseURLError) as refused:
        snapshot.app.create_app(url, secret_keys=[SECRET_KEY])
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("keys", [[], [""], ["a key", ""]])
def test_a_missing_or_empty_key_is_refused(snapshot, database_url, keys):
    with pytest.raises(ValueError, match="secret_keys"):
        snapshot.app.create_app(database_url, secret_keys=keys)


def test_a_user_can_be_asked_for_the_password_but_not_for_its_text(User, database_url):
    alice = User.get(User.email == ALICE.email)
    assert alice.authenticate(ALICE.password)
    assert not any(map(alice.authenticate, ["wrong", "", "x" * 100, "\0", "\ud800", "é"]))
    assert not hasattr(alice, "password")
    alice.password_digest = ""
    assert not alice.authenticate("")


def test_two_users_cannot_share_an_address(User, database_url):
    token = ", session_token" if "session_token" in columns(database_url) else ""
    names = f"email, name, password_digest{token}"
    sql = f"INSERT INTO users (id, {names}) SELECT 9, {names} FROM users WHERE email = ?"
    with pytest.raises(Exception, match=r"(?i)unique"):
        execute(database_url, sql, ALICE.email)

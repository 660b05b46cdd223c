"""The admin pages: who may open them, what they do, and what they leave behind."""

import json
import logging
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from lessons.kit.stage import ALICE, BOB, Browser, Thief, alert
from tests.support.databases import audit, execute, users

REASON = "asked by phone"
ACTIONS = ["end-sessions", "deactivate", "activate", "make-admin", "make-member"]


def user_id(database_url, person):
    ((found,),) = execute(database_url, "SELECT id FROM users WHERE email = ?", person.email)
    return found


@pytest.fixture
def admin(app, database_url):
    """Bob's browser. He is an admin."""
    execute(database_url, "UPDATE users SET role = 'admin' WHERE email = ?", BOB.email)
    browser = Browser(app)
    browser.sign_in(BOB)
    return browser


@pytest.fixture
def alices(database_url):
    return f"/admin/users/{user_id(database_url, ALICE)}"


@pytest.fixture
def bobs(database_url):
    return f"/admin/users/{user_id(database_url, BOB)}"


def confirm(browser, path, password=BOB.password, reason=REASON):
    """Open the page that asks, and send its form as a browser does."""
    form = browser.get(path, status=200).forms
    (form,) = [form for form in form.values() if "current_password" in form.fields]
    form["current_password"], form["reason"] = password, reason
    return form.submit(expect_errors=True)


def receipt(answer):
    assert answer.status_int == 200
    names = [found.text for found in answer.html.find_all("dt")]
    return dict(zip(names, [found.text for found in answer.html.find_all("dd")], strict=True))


# Who may.


def admin_routes(app):
    found = [(r.method, r.rule) for r in app.routes if r.rule.startswith("/admin")]
    assert len(found) >= 7
    return found


def address(rule, number=1):
    rule = re.sub("<user_id[^>]*>", str(number), rule)
    return re.sub("<whom[^>]*>", "all", re.sub("<name[^>]*>", "deactivate", rule))


def test_nobody_but_an_admin_opens_them_and_every_refusal_is_in_the_audit(
    app, database_url, alice_laptop
):
    alice_laptop.sign_in(ALICE)
    before = users(database_url)
    fields = {"current_password": ALICE.password, "reason": REASON}
    expected = []
    for method, rule in admin_routes(app):
        path = address(rule)
        answer = alice_laptop.request(
            path,
            method=method,
            POST=fields if method == "POST" else None,
            expect_errors=True,
        )
        assert (path, answer.status_int) == (path, 403)
        assert alert(answer) == "Only an admin can open this page."
        expected.append((ALICE.email, None, f"refused: {method} {path}", "not an admin"))
    assert audit(database_url) == expected
    assert users(database_url) == before
    assert "/admin" not in alice_laptop.get("/").text


@pytest.mark.parametrize(
    "path", ["/admin/everybody/{}", "/admin/users/1/{}", "/admin/users/{}", "/admin/{}"]
)
def test_a_link_of_another_site_puts_no_words_into_the_audit(database_url, alice_laptop, path):
    alice_laptop.sign_in(ALICE)
    link = path.format("alice-gave-away-the-keys")
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert alice_laptop.open(link, **headers).status_int == 404
    assert alice_laptop.open(link.replace("-", ""), **headers).status_int == 404
    assert audit(database_url) == []


def test_an_admin_opens_them(app, database_url, admin):
    assert "/admin/users" in admin.get("/").text
    for method, rule in admin_routes(app):
        if method == "GET":
            admin.get(address(rule), status=200)
    assert audit(database_url) == []


def test_every_page_behind_the_login_has_a_logout(app, admin, alices):
    pages = [admin.get(address(rule)) for method, rule in admin_routes(app) if method == "GET"]
    pages += [admin.get("/"), admin.get("/sessions"), confirm(admin, f"{alices}/end-sessions")]
    assert len(pages) >= 8
    for page in pages:
        assert [form["action"] for form in page.html("form", action="/logout")] == ["/logout"]


def test_an_admin_who_is_none_any_more_is_out_at_once(User, admin):
    User.get(User.email == BOB.email).set_role("member")
    assert admin.open("/admin/users").status_int == 303
    admin.sign_in(BOB)
    assert admin.open("/admin/users").status_int == 403


# What they do.


def test_one_persons_sessions_end_and_the_receipt_says_so(
    database_url, admin, alices, alice_laptop, alice_phone
):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    page = admin.get(f"{alices}/end-sessions")
    assert f"{ALICE.name} ({ALICE.email}) is logged out in every browser" in page.text
    said = receipt(confirm(admin, f"{alices}/end-sessions"))
    assert not thief.is_signed_in()
    assert admin.is_signed_in()
    alice_phone.sign_in(ALICE)
    ((at,),) = execute(database_url, "SELECT at FROM audit")
    assert said == {
        "When (UTC)": str(at)[:19].replace("T", " "),  # IPython makes sqlite3 write a T
        "Who": BOB.email,
        "What": "sessions ended",
        "Whose": ALICE.email,
        "Why": REASON,
        "Users whose sessions ended": "1",
        "Sessions that ended": "1",
    }
    assert audit(database_url) == [(BOB.email, ALICE.email, "sessions ended", REASON)]


def test_a_leaver_is_deactivated_and_may_come_back(
    database_url, admin, alices, alice_laptop, alice_phone
):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    receipt(confirm(admin, f"{alices}/deactivate"))
    assert not thief.is_signed_in()
    assert alice_phone.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    assert f"{alices}/activate" in admin.get(alices).text
    receipt(confirm(admin, f"{alices}/activate"))
    alice_phone.sign_in(ALICE)
    assert not thief.is_signed_in()
    assert [action for _, _, action, _ in audit(database_url)] == ["deactivated", "activated"]


def test_a_role_is_changed(database_url, admin, alices, alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    assert "make-member" not in admin.get(alices).text
    receipt(confirm(admin, f"{alices}/make-admin"))
    assert not alice_laptop.is_signed_in()
    alice_laptop.sign_in(ALICE)
    alice_laptop.get("/admin/users", status=200)
    receipt(confirm(admin, f"{alices}/make-member"))
    assert not alice_laptop.is_signed_in()


def test_a_role_is_logged_out_and_the_others_stay(database_url, admin, alice_laptop):
    alice_laptop.sign_in(ALICE)
    page = admin.get("/admin/everybody/member")
    assert "This is about 1 user: everybody with the role member" in page.text
    assert "You are among them" not in page.text
    said = receipt(confirm(admin, "/admin/everybody/member"))
    assert said["Users whose sessions ended"] == "1"
    assert not alice_laptop.is_signed_in()
    assert admin.is_signed_in()


def test_everybody_is_logged_out_and_the_admin_was_told(database_url, admin, alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    page = admin.get("/admin/everybody/all")
    assert "This is about 2 users" in page.text
    assert "You are among them: you are logged out here too." in page.text
    answer = confirm(admin, "/admin/everybody/all")
    assert receipt(answer)["Users whose sessions ended"] == "2"
    assert "Log in again" in answer.text
    assert not alice_laptop.is_signed_in()
    assert not admin.is_signed_in()
    admin.sign_in(BOB)
    assert audit(database_url) == [(BOB.email, None, "all sessions ended", REASON)]


def test_a_receipt_is_of_the_deed_although_a_refusal_comes_in_between(
    snapshot, admin, alices, monkeypatch, caplog
):
    """Whoever has the admin's session too can be refused at any moment, in the admin's name."""
    from reference_app import admin as pages

    def deactivate_then_refuse(user, **why):
        user.deactivate(**why)
        snapshot.models.Audit.create(
            actor=BOB.email, subject=BOB.email, action="refused: GET /admin/users", reason=REASON
        )

    caplog.set_level(logging.INFO, "reference_app.auth")
    action = replace(pages.ACTIONS["deactivate"], perform=deactivate_then_refuse)
    monkeypatch.setitem(pages.ACTIONS, "deactivate", action)
    said = receipt(confirm(admin, f"{alices}/deactivate"))
    assert (said["What"], said["Whose"], said["Why"]) == ("deactivated", ALICE.email, REASON)
    event = json.loads(caplog.records[-1].getMessage())
    assert (event["event"], event["user"]) == ("deactivated", ALICE.email)


@pytest.mark.parametrize(
    ("path", "ended"), [("users/1/end-sessions", 2), ("everybody/member", 2), ("everybody/all", 3)]
)
def test_the_receipt_counts_the_sessions_that_were_live(
    app, database_url, admin, alices, alice_laptop, alice_phone, path, ended
):
    """Not one of a token before, nor one that expired or was logged out."""
    before, expired, over = Browser(app), Browser(app), Browser(app)
    before.sign_in(ALICE)
    expired.sign_in(ALICE)
    execute(database_url, "UPDATE sessions SET session_token = 'old' WHERE id = 2")
    execute(database_url, "UPDATE sessions SET expires_at = 1 WHERE id = 3")
    over.sign_in(ALICE)
    over.send("/logout")
    for browser in (alice_laptop, alice_phone):
        browser.sign_in(ALICE)
    assert alices == "/admin/users/1"
    said = receipt(confirm(admin, f"/admin/{path}"))
    assert said["Sessions that ended"] == str(ended)
    assert not alice_laptop.is_signed_in()


# What they refuse.


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "wrong"}, "That is not your current password."),
        ({"reason": " "}, "A reason must be 1 to 500 characters long."),
        ({"reason": "x" * 501}, "A reason must be 1 to 500 characters long."),
    ],
    ids=["wrong password", "no reason", "long reason"],
)
def test_without_the_password_and_a_reason_nothing_is_changed(
    database_url, admin, alices, name, fields, said
):
    before = users(database_url)
    answer = confirm(admin, f"{alices}/{name}", **fields)
    assert (answer.status_int, alert(answer)) == (422, said)
    assert users(database_url) == before
    wrong = [(BOB.email, None, f"refused: POST {alices}/{name}", "wrong password")]
    assert audit(database_url) == (wrong if "password" in fields else [])


@pytest.mark.parametrize("whom", ["all", "admin", "member"])
def test_everybody_stays_without_the_password(database_url, admin, whom):
    before = users(database_url)
    answer = confirm(admin, f"/admin/everybody/{whom}", password="wrong")
    assert (answer.status_int, alert(answer)) == (422, "That is not your current password.")
    assert users(database_url) == before


@pytest.mark.parametrize("name", ["deactivate", "make-member"])
def test_an_admin_cannot_lock_themself_out(database_url, admin, bobs, name):
    before = users(database_url)
    page = admin.get(f"{bobs}/{name}", status=200)
    assert "Ask another admin: you would lock yourself out." in page.text
    assert "current_password" not in page.text
    fields = {"current_password": BOB.password, "reason": REASON}
    assert admin.send(f"{bobs}/{name}", **fields).status_int == 422
    assert users(database_url) == before
    assert audit(database_url)[0][3] == "would lock themself out"


def test_an_admin_ends_their_own_sessions_knowingly(admin, bobs):
    assert "You are among them" in admin.get(f"{bobs}/end-sessions").text
    receipt(confirm(admin, f"{bobs}/end-sessions"))
    assert not admin.is_signed_in()


@pytest.mark.parametrize(
    "path",
    [
        "/admin/users/999999",
        "/admin/users/9999999999999999999999",
        "/admin/users/1/nonsense",
        "/admin/users/-1",
        "/admin/everybody/nobody",
    ],
)
def test_what_is_not_there_is_not_found(admin, path):
    assert admin.open(path).status_int == 404
    answer = admin.send(path, current_password=BOB.password, reason=REASON)
    assert answer.status_int in (404, 405)


def test_an_admin_whose_session_dies_meanwhile_changes_nothing(
    snapshot, monkeypatch, User, database_url, admin, alices
):
    """The kill lands when the password has been checked and before the deed is written."""
    from reference_app import admin as pages

    objection = pages.objection

    def objection_then_kill(*arguments):
        answer = objection(*arguments)
        User.get(User.email == BOB.email).invalidate_sessions(by="the other admin")
        return answer

    monkeypatch.setattr(pages, "objection", objection_then_kill)
    answer = confirm(admin, f"{alices}/deactivate")
    assert (answer.status_int, answer.headers["Location"]) == (303, "/login?expired=1")
    assert audit(database_url) == [("the other admin", BOB.email, "sessions ended", "")]
    assert execute(database_url, "SELECT count(*) FROM users WHERE active") == [(2,)]


def test_while_somebody_else_holds_the_rows_nothing_is_changed(
    snapshot, database_url, admin, alices
):
    before = users(database_url)
    snapshot.database.db.obj.timeout = 0.01
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = confirm(admin, f"{alices}/deactivate")
    assert (answer.status_int, users(database_url)) == (409, before)
    said = "Somebody changed the same at the same moment. Nothing was changed. Try again."
    assert alert(answer) == said
    receipt(confirm(admin, f"{alices}/deactivate"))


def test_a_password_guesser_is_stopped_here_too(admin, alices):
    statuses = [
        admin.send(f"{alices}/deactivate", current_password="x", reason="r").status_int
        for _ in range(11)
    ]
    assert statuses == [422] * 10 + [429]


def test_somebody_is_removed_between_the_page_and_its_form(database_url, admin, alices):
    form = admin.get(f"{alices}/deactivate").forms[1]
    execute(database_url, "DELETE FROM users WHERE email = ?", ALICE.email)
    form["current_password"], form["reason"] = BOB.password, REASON
    assert form.submit(expect_errors=True).status_int == 404


# Looking for people, and reading the audit.


def seed(database_url, number):
    rows = ", ".join(f"('user{n:03}@example.com', 'N% _{n}', 'x', 't{n}')" for n in range(number))
    sql = "INSERT INTO users (email, name, password_digest, session_token) VALUES "
    execute(database_url, sql + rows)


def listed(answer):
    return [link.text for link in answer.html.select("td a")]


def test_people_are_found_by_a_part_of_their_address_or_name(database_url, admin):
    seed(database_url, 3)
    assert listed(admin.get("/admin/users", {"q": " ALICE@ex"})) == [ALICE.email]
    assert listed(admin.get("/admin/users", {"q": "bob"})) == [BOB.email]
    assert len(listed(admin.get("/admin/users", {"q": "% _"}))) == 3
    assert listed(admin.get("/admin/users", {"q": "%a%"})) == []
    assert listed(admin.get("/admin/users", {"q": "no such"})) == []


def test_many_people_are_on_pages_of_fifty(database_url, admin):
    seed(database_url, 118)
    found, answer = [], admin.get("/admin/users", {"q": "example"})
    for _ in range(2):
        assert len(listed(answer)) == 50
        found += listed(answer)
        answer = answer.click("Next page")
    found += listed(answer)
    assert "Next page" not in answer.text
    assert len(found) == len(set(found)) == 120
    assert "120 found" in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "9999999999999999999", "²", ""])
def test_a_page_that_is_none_is_the_first(admin, page):
    assert listed(admin.get("/admin/users", {"page": page})) == [ALICE.email, BOB.email]


@pytest.mark.parametrize(
    "words", ["\0", "\ud800".encode("utf-8", "surrogatepass"), "'; --", "\\", "a" * 60_000]
)
def test_odd_words_find_nobody(admin, words):
    for path in ("/admin/users", "/admin/audit"):
        answer = admin.get(path, {"q": words})
        assert answer.status_int == 200


def test_the_audit_is_read_as_a_page(admin, alices, User):
    User.get(User.email == ALICE.email).invalidate_sessions(by="a script", reason="<b>night</b>")
    receipt(confirm(admin, f"{alices}/deactivate"))
    rows = admin.get("/admin/audit").html.select("tr")[1:]
    cells = [[cell.text for cell in row.select("td")][1:] for row in rows]
    assert cells == [
        [BOB.email, "deactivated", ALICE.email, REASON],
        ["a script", "sessions ended", ALICE.email, "<b>night</b>"],
    ]
    found = admin.get("/admin/audit", {"q": BOB.email.upper()})
    assert "1 found" in found.text
    assert "a script" in admin.get(alices).text


def test_what_an_admin_does_is_logged(admin, alices, caplog):
    caplog.set_level(logging.INFO, "reference_app.auth")
    receipt(confirm(admin, f"{alices}/deactivate"))
    (event,) = [json.loads(r.getMessage()) for r in caplog.records if "auth" in r.name]
    assert (event["event"], event["user"], event["by"]) == ("deactivated", ALICE.email, BOB.email)
    assert REASON not in str(event)

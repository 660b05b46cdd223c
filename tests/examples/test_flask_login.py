"""What Flask-Login and SQLAlchemy do with ended sessions: each trap, and the way round it."""

from contextlib import contextmanager

import pytest

from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, Thief
from tests.support.databases import execute, new_database, tokens
from tests.support.examples import NEW_KEY
from tests.support.meanwhile import when_answered

pytest.importorskip("flask_login")
pytest.importorskip("examples.flask_login.app")

from sqlalchemy import event

from examples.flask_login.app import create_app
from examples.flask_login.app.models import User, db, update
from tests.support.flask_site import RELEASES, alone, deed, migrate, settings, with_people

NEW_PASSWORD = "a much better password"


@pytest.fixture
def app(flask_login):
    return flask_login.site.app


@pytest.fixture
def visit(flask_login):
    """A browser in which somebody has signed in; by default Alice."""

    def sign_in(person=ALICE, **fields):
        browser = Browser(flask_login.site)
        browser.send("/login", email=person.email, password=person.password, **fields)
        assert is_in(browser)
        return browser

    return sign_in


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def database(request, tmp_path_factory):
    with new_database(request, tmp_path_factory.mktemp("flask_login")) as url:
        yield url


@pytest.fixture
def any_app(database):
    """An app on the one and on the other database, with no table in it before."""
    app = with_people(database)
    app.url = database
    yield app
    with app.app_context():
        migrate(db.engine, reversed(RELEASES), "downgrade")
        db.engine.dispose()


def is_in(browser):
    return browser.open("/").status_int == 200


def change_password(browser, password=NEW_PASSWORD):
    return browser.send("/password", current_password=ALICE.password, new_password=password)


def without_session(browser):
    """The browser was closed, and is opened again: the session's cookie is gone."""
    browser.cookiejar.clear_session_cookies()
    assert "session" not in browser.cookies
    return browser


def row(app, email=ALICE.email):
    with app.app_context():
        return db.session.execute(db.select(User.__table__).filter_by(email=email)).one()


# Flask-Login


def test_a_remembered_browser_is_still_remembered_after_a_new_password(visit):
    laptop = visit(remember="on")
    thief = Thief(laptop)
    change_password(laptop)
    assert is_in(without_session(laptop))
    assert not is_in(thief)


def test_a_browser_that_was_not_remembered_is_not_after_a_new_password(visit):
    laptop = visit()
    change_password(laptop)
    assert not is_in(without_session(laptop))


def test_a_refusal_takes_the_remember_cookie_away(flask_login, visit):
    laptop = visit(remember="on")
    flask_login.invalidate()
    assert laptop.open("/").headers["Location"] == "/login?expired=1"
    assert laptop.cookies == {}


def test_the_next_user_of_a_browser_takes_the_place_of_a_remembered_one(visit):
    browser = visit(remember="on")
    browser.send("/login", email=BOB.email, password=BOB.password)
    assert "Bob" in browser.open("/").text
    assert not is_in(without_session(browser))


def test_a_session_that_is_cleared_after_login_user_is_no_session(flask_login, monkeypatch):
    from flask import session

    from examples.flask_login.app import auth

    begin = auth.begin_session
    monkeypatch.setattr(auth, "begin_session", lambda *a, **b: (begin(*a, **b), session.clear()))
    laptop = Browser(flask_login.site)
    laptop.send("/login", email=ALICE.email, password=ALICE.password)
    assert not is_in(laptop)


def test_a_token_that_is_null_was_never_ended(flask_login, app, visit):
    stamped = visit()
    deed(app, lambda alice: setattr(alice, "session_token", None))
    assert not is_in(stamped), "it was stamped with a token that is gone"
    laptop, phone, bob = visit(), visit(remember="on"), visit(BOB)
    thief = Thief(phone)
    assert is_in(without_session(phone))
    flask_login.invalidate()
    assert [is_in(each) for each in (laptop, phone, thief, bob)] == [False, False, False, True]
    assert is_in(visit())


def test_an_open_app_context_keeps_the_user_of_the_request_before(flask_login, app):
    client = app.test_client()
    with app.app_context():
        client.post("/login", data={"email": ALICE.email, "password": ALICE.password})
        assert client.get("/").status_code == 200
        flask_login.invalidate()
        assert client.get("/").status_code == 200, "nobody asks the user_loader again"
    assert client.get("/").status_code == 303


def test_a_new_key_forgets_remembered_browsers(flask_login, visit):
    """Flask-Login does not know SECRET_KEY_FALLBACKS. Flask does: the session goes on."""
    laptop = visit(remember="on")
    laptop.app = flask_login.rekeyed(SECRET_KEY, NEW_KEY)
    assert is_in(laptop)
    assert not is_in(without_session(laptop))


# The settings


def test_what_an_app_has_not_set_is_not_asked_for(flask_login, app, visit):
    """Flask-Login writes no default into the settings, and Flask writes None."""
    from examples.flask_login.app.auth import reset_link

    del app.config["REMEMBER_COOKIE_NAME"]
    app.config["SECRET_KEY_FALLBACKS"] = None
    laptop = without_session(visit(remember="on"))
    assert is_in(laptop)
    link = deed(app, reset_link)
    assert Browser(flask_login.site).open(f"/reset/{link}").status_int == 200


@pytest.mark.parametrize("name", ["session", "remember_token"])
def test_a_second_cookie_of_the_same_name_is_refused(flask_login, app, name):
    del app.config["REMEMBER_COOKIE_NAME"]
    answers = [
        Browser(flask_login.site).open("/login", Cookie=cookies).status_int
        for cookies in (f"{name}=one", f"{name}=one; {name}=two")
    ]
    assert answers == [200, 400]


# The check and its neighbours


def login_form(browser, **fields):
    form = browser.open("/login").form
    form["email"], form["password"] = ALICE.email, ALICE.password
    for name, value in fields.items():
        form[name] = value
    return form


@pytest.mark.parametrize("before", ["nobody", "an ended session", "an ended remembered session"])
def test_a_page_that_polls_leaves_a_login_form_in_another_tab_valid(flask_login, app, before):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = Browser(flask_login.site)
    if before != "nobody":
        login_form(browser, remember="remembered" in before).submit(status=303)
        assert is_in(browser)
        flask_login.invalidate()
    if "remembered" in before:
        without_session(browser)
    form = login_form(browser)
    assert not is_in(browser), "the other tab"
    form.submit(status=303)
    assert is_in(browser)


def test_a_file_is_the_same_for_everybody(flask_login, app, visit):
    """Nobody asks the database who wants it, and no cookie comes with it."""
    laptop, asked = visit(remember="on"), []
    flask_login.invalidate()
    with app.app_context():
        engine = db.engine
    with listening(engine, "before_cursor_execute", lambda *sent: asked.append(sent[2])):
        answer = laptop.open("/static/site.css")
        assert (asked, answer.headers.getall("Set-Cookie")) == ([], [])
        laptop.open("/about")
    assert asked, "a page does ask"


@contextmanager
def listening(*listener):
    event.listen(*listener)
    try:
        yield
    finally:
        event.remove(*listener)


def test_a_refusal_leaves_a_strangers_session_alone(flask_login, app):
    app.config["WTF_CSRF_ENABLED"] = True
    browser = Browser(flask_login.site)
    browser.open("/login")
    browser.open("/")  # Flask-Login notes once that this session is not fresh
    assert "Set-Cookie" not in browser.open("/").headers


def test_a_public_page_shows_nothing_of_an_ended_session(flask_login, visit):
    laptop = visit()
    laptop.send("/basket", thing="a book")
    flask_login.invalidate()
    laptop.open("/about")
    assert laptop.cookies == {}


def test_a_public_page_ends_no_session(visit):
    laptop = visit()
    laptop.open("/login")
    assert is_in(laptop)


def test_an_ended_session_is_no_visit(flask_login, app, visit):
    copy = Thief(visit())
    flask_login.invalidate()
    deed(app, lambda alice: setattr(alice, "last_seen", None))
    for path in ("/", "/about", "/login", "/nothing"):
        copy.open(path)
    assert row(app).last_seen is None


def basic(browser):
    browser.authorization = ("Basic", (ALICE.email, ALICE.password))
    return browser.post("/api/keys", expect_errors=True)


def test_a_key_that_is_made_while_the_sessions_end_is_not_given(flask_login, app, monkeypatch):
    when_answered(monkeypatch, *flask_login.checker, flask_login.invalidate)
    assert basic(Browser(flask_login.site)).status_int == 401
    assert row(app).api_key_hash is None


def test_the_api_takes_no_session_and_the_pages_take_no_key(flask_login, visit):
    assert visit().open("/api/me").status_int == 401
    program = Browser(flask_login.site)
    bearer = {"Authorization": f"Bearer {basic(program).json['key']}"}
    program.authorization = None
    assert program.open("/api/me", **bearer).json["email"] == ALICE.email
    assert program.open("/", **bearer).status_int == 303


@pytest.mark.parametrize("token", ["a token", None])
def test_a_reset_link_works_once_and_ends_what_was_before_it(flask_login, app, visit, token):
    from examples.flask_login.app.auth import reset_link

    deed(app, lambda alice: setattr(alice, "session_token", token))
    laptop, link = visit(), deed(app, reset_link)
    answers = [
        Browser(flask_login.site).send(f"/reset/{link}", new_password=f"new {number}").status_int
        for number in range(2)
    ]
    assert answers == [303, 404]
    assert not is_in(laptop)


def test_a_new_user_signs_in_and_has_a_token(flask_login, app):
    command = ["user", "add", "carol@example.com", "Carol", "--password", NEW_PASSWORD]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    carol = Browser(flask_login.site)
    carol.send("/login", email="carol@example.com", password=NEW_PASSWORD)
    assert "Carol" in carol.open("/").text
    assert row(app, "carol@example.com").session_token is not None


# SQLAlchemy


def test_a_program_that_runs_on_reads_a_loaded_user_again_only_if_it_says_so(flask_login, app):
    """A worker of a queue, for one. A new query without `populate_existing` does not help."""
    old = row(app).session_token

    def look(alice, **options):
        return db.session.get(User, alice.id, **options).session_token

    def see(alice):
        flask_login.invalidate()
        found = db.session.scalar(db.select(User).filter_by(email=ALICE.email))
        return found.session_token, look(alice), look(alice, populate_existing=True)

    *stale, fresh = deed(app, see)
    assert stale == [old, old]
    assert fresh == row(app).session_token != old


def test_merge_writes_an_ended_token_and_an_old_password_back(app):
    stale = deed(app, lambda alice: (alice.name, db.session.expunge(alice), alice)[-1])
    old = row(app)
    deed(app, lambda alice: alice.set_password(NEW_PASSWORD, seen=old.session_token))
    assert row(app).session_token != old.session_token
    stale.name = "Alicia"
    deed(app, lambda _: db.session.merge(stale))
    assert row(app).session_token == old.session_token
    assert row(app).password_hash == old.password_hash


def test_a_column_of_a_stale_object_that_is_written_by_its_name_writes_no_other(app):
    stale = deed(app, lambda alice: (alice.name, db.session.expunge(alice), alice)[-1])
    deed(app, lambda alice: alice.end_sessions())
    ended = row(app).session_token
    deed(app, lambda alice: setattr(alice, "name", stale.name + "!"))
    assert (row(app).name, row(app).session_token) == ("Alice!", ended)


def test_after_a_commit_the_object_has_a_newer_token_than_the_check_saw(flask_login, app, visit):
    from flask import session

    from examples.flask_login.app.sessions import current_user, token_seen

    token = row(app).session_token
    with app.test_request_context():
        session["_user_id"] = f"1:{token}"
        user = current_user._get_current_object()
        assert user.session_token == token_seen() == token
        db.session.commit()
        flask_login.invalidate()
        assert user.session_token != token, "SQLAlchemy has read it again"
        assert not user.write(token_seen(), name="Mallory")
        assert user.write(user.session_token, name="Mallory"), "so this condition asks for nothing"
        db.session.rollback()


def test_to_assign_the_value_that_an_object_was_read_with_writes_nothing(flask_login, app):
    """So `end_sessions` is an UPDATE: an API key that was made meanwhile must end."""

    def make_a_key_and_then(end):
        def do(alice):
            assert alice.api_key_hash is None
            basic(Browser(flask_login.site))
            end(alice)

        return do

    deed(app, make_a_key_and_then(lambda alice: setattr(alice, "api_key_hash", None)))
    assert row(app).api_key_hash is not None
    deed(app, lambda alice: alice.end_sessions())
    deed(app, make_a_key_and_then(lambda alice: alice.end_sessions()))
    assert row(app).api_key_hash is None


def test_a_value_in_a_bulk_update_is_one_for_all(app):
    from examples.flask_login.app.models import generate_session_token

    values = {"session_token": generate_session_token()}
    deed(app, lambda _: db.session.execute(update(User).values(values)))
    assert row(app).session_token == row(app, BOB.email).session_token


def test_a_change_by_any_path_ends_the_sessions(any_app):
    """An attribute, a bulk update of all, and SQL. The trigger also ends the API keys."""

    def bulk(_):
        db.session.execute(update(User).values(active=False, api_key_hash=None))

    def sql(_):
        db.session.execute(db.text("UPDATE users SET password_hash = 'x'"))

    deed(any_app, lambda alice: setattr(alice, "api_key_hash", "a key's hash"))
    seen = [tokens(any_app.url)]
    for path in (lambda alice: setattr(alice, "role", "administrator"), bulk, sql):
        deed(any_app, path)
        seen.append(tokens(any_app.url))
    assert len({each[ALICE.email] for each in seen}) == 4
    assert len({each[BOB.email] for each in seen}) == 3, "his role stayed"
    assert seen[-1][ALICE.email] != seen[-1][BOB.email]
    assert row(any_app).api_key_hash is None
    deed(any_app, lambda alice: setattr(alice, "name", "Alicia"))
    assert tokens(any_app.url) == seen[-1]


def test_to_hash_a_password_again_at_login_ends_nothing(any_app):
    site, old = alone(any_app), tokens(any_app.url)
    laptop, hashes = Browser(site), []
    for number in (2, 3):  # a second time, when rehashed_from is not NULL
        any_app.config["PASSWORD_METHOD"] = f"pbkdf2:sha256:{number}"
        Browser(site).sign_in(ALICE)
        assert row(any_app).password_hash.startswith(f"pbkdf2:sha256:{number}$")
        hashes.append(row(any_app).password_hash)
    laptop.sign_in(ALICE)
    assert is_in(laptop)
    assert tokens(any_app.url) == old
    seen = [old[ALICE.email]]
    for written in (hashes[0], "written in SQL"):  # rehashed_from names the first one still
        execute(any_app.url, f"UPDATE users SET password_hash = '{written}'")
        seen.append(tokens(any_app.url)[ALICE.email])
    assert len(set(seen)) == 3
    assert not is_in(laptop)


def test_a_new_hash_brings_no_old_password_back(flask_login, app, visit, monkeypatch):
    owner = visit()
    app.config["PASSWORD_METHOD"] = "pbkdf2:sha256:2"
    when_answered(monkeypatch, *flask_login.checker, lambda: change_password(owner))
    late = Browser(flask_login.site)
    late.send("/login", email=ALICE.email, password=ALICE.password)
    assert not is_in(late)
    assert is_in(owner)
    assert deed(app, lambda alice: alice.has_password(NEW_PASSWORD))


@pytest.mark.parametrize("first", ["the trigger", "the new release"])
def test_the_trigger_comes_when_the_release_before_has_stopped(any_app, first):
    """Otherwise a user who resets the password meanwhile signs in to a session without a stamp."""
    trigger = ["0003_trigger"]
    deed(any_app, lambda alice: setattr(alice, "session_token", None))
    with any_app.app_context():
        migrate(db.engine, trigger, "downgrade")
        if first == "the trigger":
            migrate(db.engine, trigger)
    execute(any_app.url, "UPDATE users SET password_hash = 'by the old release'")
    if first == "the new release":
        assert is_in_with_a_session_of_the_release_before(any_app)
        with any_app.app_context():
            migrate(db.engine, trigger)
    assert is_in_with_a_session_of_the_release_before(any_app) == (first == "the new release")


def is_in_with_a_session_of_the_release_before(app):
    signer = app.session_interface.get_signing_serializer(app)
    cookie = signer.dumps({"_user_id": "1"})
    return Browser(alone(app)).open("/", Cookie=f"session={cookie}").status_int == 200


def test_the_migrations_make_what_the_models_describe_and_can_be_undone(any_app):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with any_app.app_context():
        with db.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []
        migrate(db.engine, ["0003_trigger", "0002_session_token"], "downgrade")
        migrate(db.engine, ["0002_session_token", "0003_trigger"])
    assert set(tokens(any_app.url).values()) == {None}


def test_a_later_migration_that_recreates_the_table_in_sqlite_drops_the_trigger(app):
    """Alembic's batch mode does, and Flask-Migrate writes migrations in batch mode."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with app.app_context(), db.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("users") as batch:
            batch.drop_column("last_seen")
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        assert connection.exec_driver_sql(names).all() == []


def test_create_all_makes_no_trigger():
    with create_app(settings("sqlite://")).app_context():
        db.create_all()
        alice = User.create(ALICE.email, ALICE.name, ALICE.password)
        db.session.commit()
        token = alice.session_token
        db.session.execute(db.text("UPDATE users SET password_hash = 'x'"))
        db.session.refresh(alice)
        assert (alice.password_hash, alice.session_token) == ("x", token)


@pytest.mark.parametrize("command", ["end-sessions", "deactivate", "activate", "delete"])
def test_an_unknown_user_is_told_in_one_line(app, command):
    done = app.test_cli_runner().invoke(args=["user", command, "nobody@example.com"])
    assert (done.exit_code, done.output) == (1, "Error: There is no user nobody@example.com.\n")

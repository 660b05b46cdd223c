"""A dead session opens nothing: every route of every snapshot that has the check."""

import pytest
from bottle import Bottle
from playhouse.migrate import SchemaMigrator, migrate

from lessons.kit.course.steps import ROOT, all_steps, load_app
from lessons.kit.stage import ALICE, Browser, leads_to, payload, signed
from tests.support.cookies import deleted_by
from tests.support.databases import execute

PUBLIC = {("GET", "/login"), ("POST", "/login")}
CHECKED = [step.folder for step in all_steps() if step.number >= 3] + [ROOT / "reference_app"]


@pytest.fixture(params=CHECKED, ids=lambda folder: folder.name)
def snapshot(request):
    return load_app(request.config.getoption("--app") or request.param)


def routes(app):
    found = {(route.method, route.rule) for route in app.routes}
    assert found > PUBLIC
    return sorted(found - PUBLIC)


def test_every_route_refuses_a_dead_session(app, database_url, alice_laptop):
    alice_laptop.sign_in(ALICE)
    dead = alice_laptop.cookie
    execute(database_url, "UPDATE users SET session_token = 'killed'")
    before = execute(database_url, "SELECT * FROM users")
    for method, path in routes(app):
        headers = {"Cookie": dead}
        answer = Browser(app).request(path, method=method, headers=headers, expect_errors=True)
        assert (path, answer.status_int) == (path, 303)
        assert leads_to(answer).partition("?")[0] == "/login"
        assert "session" in deleted_by(answer)
    assert execute(database_url, "SELECT * FROM users") == before


def test_every_route_refuses_a_stranger(app):
    for method, path in routes(app):
        answer = Browser(app).request(path, method=method, expect_errors=True)
        assert (path, answer.status_int) == (path, 303)
        assert leads_to(answer) == "/login"


@pytest.mark.parametrize("path", ["/login/", "//login", "/login/..", "/LOGIN", "/login%2f", "/./"])
def test_no_spelling_of_a_path_goes_round_the_check(app, path):
    answer = Browser(app).request(path, method="POST", expect_errors=True)
    assert answer.status_int in (303, 404)
    assert "Hello" not in answer.text


@pytest.mark.parametrize("path", ["//login", "/login/", "/x"])
def test_a_route_that_takes_any_path_is_behind_the_check_too(app, path):
    app.route("/<rest:path>", "GET", lambda rest: "let in")
    assert Browser(app).open(path).status_int == 303


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_no_method_goes_round_the_check(app, method):
    answer = Browser(app).request("/", method=method, expect_errors=True)
    assert answer.status_int == 303


@pytest.mark.parametrize("empty", ["NULL", "''"], ids=["null", "empty"])
def test_a_row_without_a_token_matches_no_session(snapshot, database_url, app, alice_laptop, empty):
    """NOT NULL keeps such rows out; if it is ever dropped, two missing tokens must not match."""
    alice_laptop.sign_in(ALICE)
    stamped = payload(alice_laptop)
    unstamped = {name: value for name, value in stamped.items() if name != "session_token"}
    tables = ["users", "sessions"] if "session_id" in stamped else ["users"]
    migrator = SchemaMigrator.from_database(snapshot.database.db.obj)
    migrate(*[migrator.drop_not_null(table, "session_token") for table in tables])
    for table in tables:
        execute(database_url, f"UPDATE {table} SET session_token = {empty}")
    for stamp in ({"session_token": None}, {"session_token": ""}, stamped, {}):
        cookie = signed({**unstamped, **stamp})
        assert Browser(app).open("/", Cookie=cookie).status_int == 303


@pytest.mark.parametrize("join", ["mount", "merge"])
def test_the_check_guards_the_routes_of_another_app_too(app, join):
    other = Bottle()
    other.route("/", "GET", lambda: "let in")
    other.route("/inside", "GET", lambda: "let in")
    if join == "mount":
        app.mount("/other/", other)
    else:
        app.merge([route for route in other.routes if route.rule == "/inside"])
    answer = Browser(app).open("/other/inside" if join == "mount" else "/inside")
    assert answer.status_int == 303
    assert "let in" not in answer.text

"""FastAPI with bearer tokens: the promise, and the traps of the stack, each beside what works."""

import asyncio
import gc
import importlib.util
import re
import sys
import warnings
from pathlib import Path

import pytest

from lessons.kit.course.steps import ROOT

pytest.importorskip("fastapi")
pytest.importorskip("sqlalchemy")

FOLDER = ROOT / "examples" / "fastapi_jwt"
ALICE, BOB = "alice@example.com", "bob@example.com"
PASSWORD, NEW_PASSWORD = "correct horse", "a much better password"
KEY, NEW_KEY = "a key of thirty-two bytes and more", "a newer key, and as long as the other"

pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")

# What opens without a live access token. Everything else must have the check.
PUBLIC = {
    "GET /docs",
    "GET /docs/oauth2-redirect",
    "GET /openapi.json",
    "GET /redoc",
    "GET /utils/health-check/",
    "HEAD /docs",
    "HEAD /docs/oauth2-redirect",
    "HEAD /openapi.json",
    "HEAD /redoc",
    "POST /login/access-token",
    "POST /password-recovery/{email}",
    "POST /reset-password/",
    "POST /users/signup",
}


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """The app's modules, told of a new database, with a cheap hash."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{(tmp_path / 'app.db').as_posix()}")
    monkeypatch.setenv("SECRET_KEYS", f'["{KEY}"]')
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    from examples.fastapi_jwt.app import config, security

    config.settings.cache_clear()
    security.nobodys_hash.cache_clear()
    monkeypatch.setattr(security, "password_hash", lambda: PasswordHash([cheap(Argon2Hasher, 1)]))
    from examples.fastapi_jwt.app import (
        accounts,
        accounts_sync,
        database,
        deps_sync,
        main,
        models,
    )
    from examples.fastapi_jwt.app.routes import live

    class Parts:
        pass

    for module in (
        accounts,
        accounts_sync,
        database,
        deps_sync,
        live,
        main,
        models,
        security,
    ):
        setattr(Parts, module.__name__.rpartition(".")[2], module)
    return Parts


def cheap(hasher, time_cost):
    return hasher(time_cost=time_cost, memory_cost=8, parallelism=1)


@pytest.fixture
def engine(parts):
    """A sync one, on a database that the example's migrations have made, with two people."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    made = create_engine(parts.database.database_url("sqlite"))
    for path in sorted(FOLDER.glob("migrations/versions/*.py")):
        migrate(made, path.stem)
    hashed = parts.security.hash_password(PASSWORD)
    with Session(made) as db:
        for email in (ALICE, BOB):
            db.add(parts.models.User(email=email, full_name=email, hashed_password=hashed))
        db.commit()
    yield made
    made.dispose()


def migrate(engine, name, direction="upgrade"):
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    path = FOLDER / "migrations" / "versions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    spec.loader.exec_module(migration := importlib.util.module_from_spec(spec))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        getattr(migration, direction)()


@pytest.fixture
def client(parts, engine):
    from fastapi.testclient import TestClient

    with TestClient(parts.main.app) as made:
        yield made


@pytest.fixture
def release_before(client, monkeypatch):
    """A client of it, on the same database. It hashes passwords more strongly than `parts`."""
    from fastapi.testclient import TestClient

    monkeypatch.syspath_prepend(FOLDER)
    try:
        with TestClient(importlib.import_module("before").app) as made:
            yield made
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in ("app", "before")]:
            del sys.modules[name]


@pytest.fixture
def sql(engine):
    """One statement, as from a program that knows nothing of the app."""
    from sqlalchemy import text

    def execute(statement, **values):
        with engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return found.all() if found.returns_rows else None

    return execute


def log_in(client, email=ALICE, password=PASSWORD):
    answer = client.post("/login/access-token", data={"username": email, "password": password})
    return answer.json() if answer.status_code == 200 else None


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def is_in(client, tokens):
    answer = client.get("/users/me", headers=bearer(tokens["access_token"]))
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def can_refresh(client, tokens):
    answer = client.post("/login/refresh-token", headers=bearer(tokens["refresh_token"]))
    return answer.status_code == 200 and is_in(client, answer.json())


def log_out_everywhere(client, tokens):
    url = "/users/me/log-out-everywhere"
    return client.post(url, headers=bearer(tokens["access_token"])).status_code


def change_password(client, tokens, new=NEW_PASSWORD):
    sent = {"current_password": PASSWORD, "new_password": new}
    return client.patch("/users/me/password", json=sent, headers=bearer(tokens["access_token"]))


def mailed_link(client, email=ALICE):
    assert client.post(f"/password-recovery/{email}").status_code == 202
    return re.findall(r"token=(\S+)", Path("outbox.txt").read_text())[-1]


def use_link(client, link):
    sent = {"token": link, "new_password": NEW_PASSWORD}
    return client.post("/reset-password/", json=sent).status_code == 204


# The promise


def test_a_new_token_ends_all_of_alices_tokens_and_none_of_bobs(client):
    laptop, phone, bob = log_in(client), log_in(client), log_in(client, BOB)
    link = mailed_link(client)
    assert is_in(client, laptop)
    assert can_refresh(client, laptop)
    assert log_out_everywhere(client, phone) == 204
    for ended in (laptop, phone):
        assert not is_in(client, ended)
        assert not can_refresh(client, ended)
    assert not use_link(client, link)
    assert is_in(client, bob)
    assert can_refresh(client, bob)
    assert is_in(client, log_in(client))


def test_a_new_password_ends_the_others_and_its_client_gets_new_tokens(client):
    laptop, phone = log_in(client), log_in(client)
    new = change_password(client, laptop).json()
    assert is_in(client, new)
    assert can_refresh(client, new)
    assert not is_in(client, laptop), "a copy of its old token ends too"
    assert not is_in(client, phone)
    assert log_in(client) is None
    assert is_in(client, log_in(client, password=NEW_PASSWORD))


def test_a_reset_link_works_once_and_ends_the_sessions(client):
    laptop, link = log_in(client), mailed_link(client)
    assert use_link(client, link)
    assert not is_in(client, laptop)
    assert not use_link(client, link)
    assert is_in(client, log_in(client, password=NEW_PASSWORD))


@pytest.mark.parametrize("end", ["new password", "logged out everywhere"])
def test_an_end_wins_over_a_new_password_on_its_way(client, parts, monkeypatch, end):
    owner, thief = log_in(client), log_in(client)
    act = change_password if end == "new password" else log_out_everywhere
    once(monkeypatch, parts.accounts, "hash_password", lambda: act(client, owner))
    assert change_password(client, thief, "the thief's own").status_code == 401
    assert log_in(client, password="the thief's own") is None


def once(monkeypatch, module, name, action):
    """Run `action` when the function is called the next time, before it."""
    function, waiting = getattr(module, name), [action]

    def act_first(*values):
        if waiting:
            waiting.pop()()
        return function(*values)

    monkeypatch.setattr(module, name, act_first)


def test_a_token_of_the_release_before_is_let_in_until_somebody_ends_it(client, sql, parts):
    """It has no stamp, and its user's token is NULL."""
    sql("UPDATE users SET session_token = NULL WHERE email = :email", email=ALICE)
    old = {"access_token": jwt_of_the_release_before(1)}
    new = log_in(client)
    assert is_in(client, old)
    assert is_in(client, new), "a login makes no token: it would end the others"
    assert log_out_everywhere(client, new) == 204
    assert not is_in(client, old)
    assert not is_in(client, new)
    assert not is_in(client, {"access_token": jwt_of_the_release_before(2)}), "Bob has a token"


def jwt_of_the_release_before(sub):
    import time

    import jwt

    return jwt.encode({"sub": str(sub), "exp": time.time() + 60}, KEY, "HS256")


@pytest.mark.parametrize("kept", [True, False])
def test_a_new_key_beside_the_old_one_logs_nobody_out(client, parts, monkeypatch, kept):
    laptop = log_in(client)
    monkeypatch.setattr(
        parts.security.settings(), "secret_keys", [NEW_KEY, KEY] if kept else [NEW_KEY]
    )
    assert is_in(client, laptop) == kept
    assert is_in(client, log_in(client))


def test_an_unknown_name_costs_a_hash_too(client, parts, monkeypatch):
    checked, check = [], parts.accounts.check_password
    monkeypatch.setattr(
        parts.accounts, "check_password", lambda *sent: checked.append(sent) or check(*sent)
    )
    assert log_in(client, "nobody@example.com") is None
    assert checked == [(PASSWORD, None)]
    assert parts.security.check_password("nobody's password", None)[0], "and a real one"


# What is open, and what is not


@pytest.fixture
def short_streams(parts, monkeypatch):
    """A stream that is opened by mistake ends at once."""

    async def still_in(_):
        return False

    monkeypatch.setattr(parts.live, "still_in", still_in)


@pytest.mark.usefixtures("short_streams")
def test_every_route_refuses_an_ended_token_or_is_named_as_public(client, parts):
    """A dependency on routers protects nothing that is put beside them. This test finds it."""
    ended = log_in(client)
    log_out_everywhere(client, ended)
    assert open_routes(client, parts.main.app, bearer(ended["access_token"])) == PUBLIC


def open_routes(client, app, headers):
    """What answers these headers with anything but a 401."""
    from fastapi.routing import iter_route_contexts

    found = set()
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():  # a socket has none, and its own test
            path = re.sub(r"{\w+}", "1", route.path)
            if client.request(method, path, headers=headers).status_code != 401:
                found.add(f"{method} {route.path}")
    return found


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/utils/health-check/"])
def test_public_paths_open_for_an_ended_token(client, path):
    ended = log_in(client)
    log_out_everywhere(client, ended)
    assert client.get(path, headers=bearer(ended["access_token"])).status_code == 200


def test_a_public_path_with_a_parameter_opens_for_a_stranger_and_for_an_ended_token(client):
    ended = log_in(client)
    log_out_everywhere(client, ended)
    for headers in ({}, bearer(ended["access_token"])):
        answer = client.post(f"/password-recovery/{ALICE}", headers=headers)
        assert answer.status_code == 202


def test_another_origin_reads_the_refusal_and_its_preflight_passes(client):
    origin = {"Origin": "http://localhost:5173"}
    asked = {**origin, "Access-Control-Request-Method": "GET"}
    asked["Access-Control-Request-Headers"] = "authorization"
    preflight, refused = (
        client.options("/users/me", headers=asked),
        client.get("/users/me", headers=origin),
    )
    assert (preflight.status_code, refused.status_code) == (200, 401)
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] == origin["Origin"]


@pytest.mark.parametrize("use", ["refresh", "reset"])
def test_a_token_for_another_use_opens_no_page(client, use, parts, sql):
    stamp = sql("SELECT session_token FROM users WHERE email = :email", email=ALICE)[0][0]
    claims = parts.security.Claims(1, stamp)
    assert not is_in(client, {"access_token": parts.security.make_token(claims, use)})
    assert is_in(client, {"access_token": parts.security.make_token(claims)})


def test_no_answer_has_a_field_for_the_token_or_the_hash(parts):
    schemas = str(parts.main.app.openapi())
    assert "full_name" in schemas
    assert "session_token" not in schemas
    assert "hashed_password" not in schemas


# The address, to which reset links go


def change_address(client, tokens, password=PASSWORD, address="thief@example.com"):
    sent = {"current_password": password, "email": address}
    headers = bearer(tokens["access_token"])
    return client.patch("/users/me/email", json=sent, headers=headers).status_code


def test_a_thief_who_has_only_a_session_gets_no_reset_link(client):
    """Else: the victim logs out everywhere, and the thief comes back by a mailed link."""
    owner, thief = log_in(client), log_in(client)
    headers = bearer(thief["access_token"])
    sent = {"full_name": "Alice", "email": "thief@example.com"}
    assert client.patch("/users/me", json=sent, headers=headers).json()["email"] == ALICE
    assert change_address(client, thief, "guessed") == 422
    assert log_out_everywhere(client, owner) == 204
    client.post("/password-recovery/thief@example.com")
    assert not Path("outbox.txt").exists()
    assert log_in(client) is not None


def test_an_end_wins_over_a_new_address_on_its_way(client, monkeypatch):
    from examples.fastapi_jwt.app.routes import users

    owner, thief = log_in(client), log_in(client)
    act_after_the_check(monkeypatch, users, lambda: log_out_everywhere(client, owner))
    assert change_address(client, thief) == 401
    assert log_in(client) is not None


def test_an_owner_has_a_new_address_and_nobody_takes_a_used_one(client):
    laptop = log_in(client)
    assert change_address(client, laptop, address=BOB) == 409
    assert change_address(client, laptop, address="no address") == 422
    assert change_address(client, laptop, address="new@example.com") == 204
    assert is_in(client, laptop)
    assert is_in(client, log_in(client, "new@example.com"))


# A router with the check, and one without it


def sign_up(client, email):
    sent = {"email": email, "full_name": "Carol", "password": PASSWORD}
    return client.post("/users/signup", json=sent).status_code


def test_a_stranger_signs_up_beside_the_check(client):
    assert sign_up(client, "carol@example.com") == 201
    assert sign_up(client, "carol@example.com") == 409
    assert is_in(client, log_in(client, "carol@example.com"))
    assert client.get("/users/me").status_code == 401


# An administrator's form, which sends every field


@pytest.fixture
def admin(client, sql):
    """Bob is one."""
    sql("UPDATE users SET role = 'administrator' WHERE id = 2")
    return log_in(client, BOB)


def edit(client, admin, user_id=1, **changed):
    sent = {"full_name": "Alice", "role": "member", "is_active": True, **changed}
    headers = bearer(admin["access_token"])
    return client.patch(f"/users/{user_id}", json=sent, headers=headers).status_code


def without_the_trigger(engine):
    migrate(engine, "0003_rotate_in_the_database", "downgrade")


@pytest.mark.parametrize(
    ("changed", "ends"),
    [
        ({"full_name": "Alice Smith"}, False),
        ({"role": "administrator"}, True),
        ({"is_active": False}, True),
        ({"password": NEW_PASSWORD}, True),
    ],
)
def test_an_administrator_ends_sessions_by_what_differs(client, admin, engine, sql, changed, ends):
    without_the_trigger(engine)
    laptop = log_in(client)
    assert edit(client, admin, **changed) == 204
    sql("UPDATE users SET is_active = TRUE")
    assert is_in(client, laptop) != ends
    assert is_in(client, admin)


def test_an_administrators_own_new_password_ends_the_own_session_too(client, admin):
    own = {"role": "administrator", "password": NEW_PASSWORD}
    assert edit(client, admin, user_id=2, **own) == 204
    assert not is_in(client, admin)


def test_an_end_wins_over_an_administrators_change_on_its_way(client, admin, monkeypatch):
    from examples.fastapi_jwt.app.routes import admin as module

    once(monkeypatch, module, "hash_password", lambda: log_out_everywhere(client, admin))
    assert edit(client, admin, password=NEW_PASSWORD) == 401
    assert log_in(client) is not None


def test_a_member_edits_nobody_and_nobody_edits_whom_there_is_not(client, admin):
    assert edit(client, log_in(client)) == 403
    assert edit(client, admin, user_id=99) == 404


# Two releases, on one database


@pytest.mark.parametrize("first", ["the trigger", "the new release"])
def test_the_trigger_comes_when_the_release_before_has_stopped(
    client, release_before, engine, sql, first
):
    """The old release hashes again at login, and does not count it: that is a new token."""
    sql("UPDATE users SET session_token = NULL")
    without_the_trigger(engine)
    if first == "the trigger":
        migrate(engine, "0003_rotate_in_the_database")
    hashed = "SELECT hashed_password FROM users WHERE id = 1"
    before = sql(hashed)
    tokens = log_in(release_before)
    assert sql(hashed) != before
    if first == "the new release":
        migrate(engine, "0003_rotate_in_the_database")
    assert is_in(client, tokens) == (first == "the new release")


@pytest.mark.parametrize("use", ["refresh", "reset"])
def test_the_release_before_takes_no_token_for_another_use(client, release_before, parts, use):
    """It looks at `sub` alone. A mailed link must open no page there, also after an undo."""
    claims = parts.security.read_token(log_in(client)["access_token"])

    def answer(token):
        return release_before.get("/users/me", headers=bearer(token)).status_code

    assert answer(parts.security.make_token(claims)) == 200
    assert answer(parts.security.make_token(claims, use)) == 404


def test_a_reset_link_of_the_release_before_opens_nothing(client):
    """Its `sub` is an address. That is no token, and no error of the server."""
    link = jwt_of_the_release_before(ALICE)
    assert not is_in(client, {"access_token": link})
    assert not can_refresh(client, {"refresh_token": link})
    assert not use_link(client, link)


# Answers that go on


def test_a_stream_ends_with_its_session(client, parts, monkeypatch):
    monkeypatch.setattr(parts.live, "PAUSE", 0)
    laptop = log_in(client)
    stream = parts.live.ticks(parts.security.read_token(laptop["access_token"]))
    assert client.portal.call(anext, stream) == "data: 1\n\n"
    log_out_everywhere(client, laptop)
    assert client.portal.call(anext, stream, None) is None


def test_a_socket_is_closed_when_its_session_ends(client, parts, monkeypatch):
    from starlette.websockets import WebSocketDisconnect

    laptop = log_in(client)
    with client.websocket_connect("/ws", ["bearer", laptop["access_token"]]) as socket:
        assert socket.accepted_subprotocol == "bearer"
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
        log_out_everywhere(client, laptop)
        socket.send_text("still here")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008


def test_a_silent_socket_is_closed_too(client, parts, monkeypatch):
    from starlette.websockets import WebSocketDisconnect

    async def end_them():
        async with parts.database.new_session() as db:
            await parts.accounts.end_sessions(db, 1)

    async def says_nothing_until_it_is_over():
        yield await end_them()
        yield "too late"
        raise WebSocketDisconnect

    said = says_nothing_until_it_is_over()

    async def next_text(_):
        return await anext(said)

    monkeypatch.setattr(parts.live, "next_text", next_text)
    headers = bearer(log_in(client)["access_token"])
    with (
        client.websocket_connect("/ws", headers=headers) as socket,
        pytest.raises(WebSocketDisconnect),
    ):
        socket.receive_text()


def test_nobody_waits_for_long_for_what_a_socket_says(client, parts, monkeypatch):
    class Silent:
        async def receive_text(self):
            await asyncio.Event().wait()

    monkeypatch.setattr(parts.live, "PAUSE", 0)
    assert client.portal.call(parts.live.next_text, Silent()) is None


def test_a_client_that_leaves_its_socket_leaves_no_traceback(client):
    laptop = log_in(client)
    with client.websocket_connect("/ws", headers=bearer(laptop["access_token"])) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize("token", ["ended", "none"])
def test_no_new_socket_is_accepted(client, token):
    from starlette.websockets import WebSocketDisconnect

    laptop = log_in(client)
    log_out_everywhere(client, laptop)
    headers = bearer(laptop["access_token"]) if token == "ended" else {}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws", headers=headers):
        pass


def test_a_stream_holds_no_connection(client, parts, monkeypatch):
    monkeypatch.setattr(parts.live, "ticks", lambda _: held_now(parts))
    assert client.get("/events", headers=bearer(log_in(client)["access_token"])).text == "0"


def test_a_stream_holds_one_if_its_session_is_closed_as_usual(client, parts):
    """FastAPI closes what a dependency yields after the last byte, if it is told nothing else."""
    from fastapi import Depends, FastAPI
    from fastapi.responses import StreamingResponse
    from fastapi.testclient import TestClient

    session = Depends(parts.database.get_session)

    async def read(db=session):
        await db.scalar(parts.accounts.live_user(parts.security.Claims(1, None)))
        return StreamingResponse(held_now(parts))

    app = FastAPI(lifespan=lambda _: parts.database.connected())
    app.get("/events")(read)
    with TestClient(app) as other:
        assert other.get("/events").text == "1"


async def held_now(parts):
    yield str(parts.database.new_session.kw["bind"].pool.checkedout())


# SQLAlchemy: what reads again without looking like it, and what writes more than it should


def test_a_login_with_the_old_password_gets_no_live_token(client, parts, monkeypatch):
    owner = log_in(client)
    act_after_the_check(monkeypatch, parts.accounts, lambda: change_password(client, owner))
    late = log_in(client)
    assert late is not None, "the old password was right when it was checked"
    assert not is_in(client, late)
    assert not can_refresh(client, late)


def test_a_rehash_at_that_login_changes_nothing_about_it(client, parts, monkeypatch):
    owner = log_in(client)
    hash_more_strongly(monkeypatch, parts)
    act_after_the_check(monkeypatch, parts.accounts, lambda: change_password(client, owner))
    late = log_in(client)
    assert late is not None
    assert not is_in(client, late)
    assert log_in(client) is None, "the new hash of the old password was not written"


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_the_stamp_of_a_login_is_from_before_a_commit_in_any_session(
    client, engine, parts, monkeypatch, kind
):
    """A session that expires at commit, as SQLModel's does, reads the row again: it is too late."""
    owner = log_in(client)
    hash_more_strongly(monkeypatch, parts)
    accounts = parts.accounts if kind == "async" else parts.accounts_sync
    act_after_the_check(monkeypatch, accounts, lambda: change_password(client, owner))

    async def log_in_late():
        async with parts.database.new_session(expire_on_commit=True) as db:
            return await accounts.authenticate(db, ALICE, PASSWORD)

    def log_in_late_in_sync():
        with parts.deps_sync.new_session(bind=engine, expire_on_commit=True) as db:
            return accounts.authenticate(db, ALICE, PASSWORD)

    late = client.portal.call(log_in_late) if kind == "async" else log_in_late_in_sync()
    assert late.user_id == 1
    assert not is_in(client, {"access_token": parts.security.make_token(late)})
    assert log_in(client) is None, "the new hash of the old password was not written"


def act_after_the_check(monkeypatch, module, action):
    check, waiting = module.check_password, [action]

    def check_then_act(*values):
        found = check(*values)
        if waiting:
            waiting.pop()()
        return found

    monkeypatch.setattr(module, "check_password", check_then_act)


def hash_more_strongly(monkeypatch, parts):
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    stronger = PasswordHash([cheap(Argon2Hasher, 2)])
    monkeypatch.setattr(parts.security, "password_hash", lambda: stronger)


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_refresh_is_a_read_in_disguise(client, parts, sql, refreshed):
    """The stamp that the row had when its password was checked has ended. A refreshed one lives."""

    async def stamp():
        async with parts.database.new_session() as db:
            user = await parts.accounts.find_user(db, ALICE)
            sql("UPDATE users SET session_token = 'new' WHERE id = 1")
            await db.commit()
            if refreshed:
                await db.refresh(user)
            return user.session_token

    claims = parts.security.Claims(1, client.portal.call(stamp))
    assert is_in(client, {"access_token": parts.security.make_token(claims)}) == refreshed


def test_an_expired_row_cannot_be_read_in_an_async_session(client, parts):
    """The default. It is loud, and what people then write is the refresh of the test above."""

    async def stamp(expire):
        async with parts.database.new_session(expire_on_commit=expire) as db:
            user = await parts.accounts.find_user(db, ALICE)
            await db.commit()
            return user.session_token

    assert raises_missing_greenlet(lambda: client.portal.call(stamp, True))
    assert client.portal.call(stamp, False)


def raises_missing_greenlet(function):
    """What SQLAlchemy began is never awaited: Python warns when it collects that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            function()
        except Exception as error:
            found = "MissingGreenlet" in f"{type(error)} {error}"
        else:
            found = False
        gc.collect()
    return found


@pytest.mark.parametrize("expire", [False, True])
def test_an_expired_row_is_read_again_without_a_word_in_a_sync_session(engine, parts, sql, expire):
    with parts.deps_sync.new_session(bind=engine, expire_on_commit=expire) as db:
        user = db.get(parts.models.User, 1)
        db.commit()
        sql("UPDATE users SET session_token = 'new' WHERE id = 1")
        assert (user.session_token == "new") == expire


@pytest.mark.parametrize("merged", [False, True])
def test_a_merge_of_an_object_from_before_brings_the_old_token_back(client, parts, merged):
    laptop = log_in(client)

    async def save_late():
        async with parts.database.new_session() as db:
            user = await db.get(parts.models.User, 1)
            if merged:
                db.expunge(user)
            async with parts.database.new_session() as other:
                await parts.accounts.end_sessions(other, 1)
            user.full_name = "Alice, saved late"
            if merged:
                await db.merge(user)
            await db.commit()

    client.portal.call(save_late)
    assert is_in(client, laptop) == merged


def test_a_stronger_hash_at_login_ends_nobodys_session(client, parts, sql, monkeypatch):
    laptop, before = log_in(client), sql("SELECT hashed_password FROM users WHERE id = 1")
    hash_more_strongly(monkeypatch, parts)
    phone = log_in(client)
    assert sql("SELECT hashed_password FROM users WHERE id = 1") != before
    assert is_in(client, laptop)
    assert is_in(client, phone)


@pytest.mark.parametrize("column", ["hashed_password", "role", "is_active"])
def test_a_change_in_sql_ends_the_sessions(client, sql, column):
    laptop, bob = log_in(client), log_in(client, BOB)
    value = "FALSE" if column == "is_active" else "'other'"
    sql(f"UPDATE users SET {column} = {value} WHERE id = 1")
    assert not is_in(client, laptop)
    sql("UPDATE users SET is_active = TRUE WHERE id = 1")
    assert not is_in(client, laptop)
    assert is_in(client, bob)


# For a sync Session


@pytest.fixture
def sync_db(engine, parts):
    with parts.deps_sync.new_session(bind=engine) as db:
        yield db


def test_the_sync_functions_end_sessions_and_give_new_claims(client, parts, sync_db):
    accounts, laptop = parts.accounts_sync, log_in(client)
    claims = parts.security.read_token(laptop["access_token"])
    new = accounts.set_password(sync_db, claims, NEW_PASSWORD)
    assert not is_in(client, laptop)
    assert is_in(client, {"access_token": parts.security.make_token(new)})
    assert accounts.set_password(sync_db, claims, "the thief's own") is None
    assert accounts.authenticate(sync_db, ALICE, "the thief's own") is None
    assert accounts.authenticate(sync_db, ALICE, NEW_PASSWORD) == new
    accounts.end_sessions(sync_db, 1, is_active=False)
    assert accounts.authenticate(sync_db, ALICE, NEW_PASSWORD) is None
    assert accounts.authenticate(sync_db, "nobody\0", PASSWORD) is None


def test_a_stronger_hash_in_a_sync_session_ends_nobodys_session(
    client, parts, sync_db, sql, monkeypatch
):
    laptop, before = log_in(client), sql("SELECT hashed_password FROM users WHERE id = 1")
    hash_more_strongly(monkeypatch, parts)
    claims = parts.accounts_sync.authenticate(sync_db, ALICE, PASSWORD)
    assert sql("SELECT hashed_password FROM users WHERE id = 1") != before
    assert is_in(client, laptop)
    assert is_in(client, {"access_token": parts.security.make_token(claims)})


def test_the_sync_check_lets_in_and_refuses_as_the_async_one(client, engine, parts):
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()

    @app.get("/users/me")
    def read_me(user: parts.deps_sync.CurrentUser) -> str:
        return user.email

    parts.deps_sync.new_session.configure(bind=engine)
    sync, laptop = TestClient(app), log_in(client)
    assert is_in(sync, laptop)
    assert is_in(sync, log_in(client, BOB))
    log_out_everywhere(client, laptop)
    assert not is_in(sync, laptop)
    assert is_in(sync, log_in(client))
    assert sync.get("/users/me").status_code == 401

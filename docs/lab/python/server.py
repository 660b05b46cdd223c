"""The lab's server: it calls the chosen step's app as a web server would, without a socket."""

import contextlib
import hashlib
import importlib
import io
import json
import linecache
import sqlite3
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote_to_bytes, urlsplit

import bottle
from itsdangerous import BadData, URLSafeTimedSerializer

KIT = Path("/kit")
FILE = Path("/tmp/lab.db")  # noqa: S108
URL = f"sqlite:///{FILE}"
SECRET_KEYS = ["a key for the lab"]
ROUNDS = 10  # a reader waits for each log-in

sys.dont_write_bytecode = True  # two edits in one second must not look like one
sys.path.insert(0, str(KIT))
running = SimpleNamespace(folder=None, parts=None, app=None, error=None)


def write(path: str, text: str) -> None:
    file = KIT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", newline="\n")


def choose(folder: str, people: str) -> None:
    """Serve the step in `folder` with `people`, a JSON list, in a new database."""
    running.folder = folder
    for suffix in ("", "-wal", "-shm"):
        Path(f"{FILE}{suffix}").unlink(missing_ok=True)
    if load():
        with failing():
            add_people(json.loads(people))
            create()


def restart() -> None:
    """Serve the step's code as it is now. The database stays."""
    if load():
        with failing():
            create()


def load() -> bool:
    """Import the step's modules again. Returns whether that worked."""
    forget()
    running.app = running.error = None
    with failing():
        from lessons.kit.course.steps import load_app

        running.parts = load_app(KIT / running.folder)
    return running.error is None


def forget() -> None:
    """Forget every module that a reader can edit, and those that import one."""
    with contextlib.suppress(Exception):  # the reader's code may have no such thing
        running.parts.database.db.close()  # or may have left it open
    for name in [name for name in sys.modules if name.split(".")[0] in ("lessons", "tests")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.clearcache()
    bottle.TEMPLATES.clear()


@contextlib.contextmanager
def failing():
    """Keep what goes wrong in the step's code, to show it."""
    try:
        yield
    except Exception as error:
        running.error = described(error)


def described(error: Exception) -> dict:
    """The error, and the line of the step's code where it happened."""
    if isinstance(error, SyntaxError):
        return located(error.msg, error.filename, error.lineno)
    text = "".join(traceback.format_exception_only(error)).strip()
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if in_step(frame)]
    return located(text, ours[-1].filename, ours[-1].lineno) if ours else {"text": text}


def located(text: str, file: str, line: int) -> dict:
    path = Path(file)
    named = path.relative_to(KIT).as_posix() if path.is_relative_to(KIT) else path.name
    return {"text": f"{path.name}, line {line}: {text}", "path": named, "line": line}


def in_step(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(str(KIT / running.folder))


def add_people(people: list[dict]) -> None:
    """They join at the first migration, as people who were there before the article."""
    from lessons.kit.stage import Person, people_join

    cast = [Person(**person) for person in people]
    people_join(running.parts.database, URL, cast, ROUNDS)
    running.parts.database.migrate(URL)


def create() -> None:
    running.parts.models.BCRYPT_ROUNDS = ROUNDS
    running.app = running.parts.app.create_app(URL, secret_keys=SECRET_KEYS)


def handle(asked: str) -> str:
    """Answer one request; both are JSON."""
    if running.app is None:
        error = running.error["text"]
        body = f"<h1>The app does not start</h1><pre>{bottle.html_escape(error)}</pre>"
        return json.dumps({"status": 500, "headers": [], "body": body, "error": error})
    environ, answer = as_environ(json.loads(asked)), {}

    def start_response(status, headers, exc_info=None):
        answer.update(status=int(status.split()[0]), headers=headers)

    sent = running.app(environ, start_response)
    body = b"".join(pieces(sent, answer["headers"])).decode("utf-8", "replace")
    errors = environ["wsgi.errors"].getvalue().strip()
    return json.dumps(
        {**answer, "body": body, "error": errors.splitlines()[-1] if errors else None}
    )


def pieces(sent, headers: list[tuple[str, str]]):
    """What the app sends; of a stream, which has no end of its own, the first event."""
    if ("Content-Type", "text/event-stream") not in headers:
        return sent
    with contextlib.closing(sent):
        return [next(iter(sent))]


def as_environ(asked: dict) -> dict:
    url, body = urlsplit(asked["url"]), asked["body"].encode()
    environ = {
        "REQUEST_METHOD": asked["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": "443" if url.scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "HTTP_HOST": url.netloc,
        "HTTP_ACCEPT": "text/html",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if asked["cookie"]:
        environ["HTTP_COOKIE"] = asked["cookie"]
    return environ


def state(cookies: str) -> str:
    """What the page shows: the users, what is in each cookie, and whether the app runs."""
    return json.dumps(
        {
            "users": users(),
            "sessions": {who: session(value) for who, value in json.loads(cookies).items()},
            "can_end_sessions": hasattr(user_model(), "invalidate_sessions"),
            "error": running.error,
        }
    )


def users() -> list[dict]:
    with contextlib.closing(sqlite3.connect(FILE)) as connection:
        connection.row_factory = sqlite3.Row
        with contextlib.suppress(sqlite3.OperationalError):  # the step's code made no table
            return [dict(row) for row in connection.execute("SELECT * FROM users ORDER BY id")]
    return []


def session(cookie: str) -> dict | None:
    """The payload of a session cookie. Anybody can read it; the signature is the app's to check.

    From step 8 on the session's row has the user and the stamp, if the row is there.
    """
    with contextlib.suppress(BadData):
        found = URLSafeTimedSerializer("").loads_unsafe(cookie)[1]
        return {**found, **row_of(found)} if isinstance(found, dict) else None


def row_of(payload: dict) -> dict:
    digest = hashlib.sha256(str(payload.get("session_id")).encode()).hexdigest()
    sql = "SELECT user_id, session_token FROM sessions WHERE digest = ?"
    with contextlib.closing(sqlite3.connect(FILE)) as connection:
        connection.row_factory = sqlite3.Row
        with contextlib.suppress(sqlite3.OperationalError):  # there is no such table yet
            return dict(connection.execute(sql, [digest]).fetchone() or {})
    return {}


def user_model():
    return getattr(running.app and running.parts.models, "User", None)


def end_sessions(email: str) -> None:
    """What an admin does in a console. The connection is the app's own, opened for the moment."""
    with failing(), running.parts.database.db:
        user_model().get(user_model().email == email).invalidate_sessions()


def run_tests(ids: str, step: int) -> str:
    """Run the tests of these ids, a JSON list, on the step; return how each ended, as JSON."""
    import pytest

    from lessons.kit.proof.outcome import Run

    outcomes, said = Path("/tmp/outcomes.json"), io.StringIO()  # noqa: S108
    outcomes.unlink(missing_ok=True)
    forget()
    run = Run([KIT / test for test in json.loads(ids)], KIT / running.folder, step)
    options = [f"--rootdir={KIT}", f"--config-file={KIT}/pyproject.toml"]
    options += [f"--basetemp={outcomes.with_suffix('')}"]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = int(pytest.main([*run.arguments(outcomes), *options]))
    found = json.loads(outcomes.read_text("utf-8")) if status in (0, 1) else {}
    tests = [told(*ended) for ended in found.items()]
    restart()
    return json.dumps({"tests": tests, "said": said.getvalue()})


def told(test: str, end: dict) -> dict:
    """How a test ended; if it failed, in the words of `python -m lessons check`."""
    from lessons.kit.learn.explain import explain, place_of
    from lessons.kit.proof.outcome import Outcome

    name, outcome = test.rpartition("::")[2], Outcome(**end)
    if outcome.outcome != "failed":
        return {"name": name, "outcome": outcome.outcome}
    words = {**asdict(explain(test, outcome)), "place": place_of(outcome)}
    return {"name": name, "outcome": "failed", "told": words, "transcript": outcome.transcript}

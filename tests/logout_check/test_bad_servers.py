"""A server that does not do as it should: one clear line, and no traceback."""

import re
import socket
import time
from contextlib import contextmanager
from threading import Event

import pytest
from click.testing import CliRunner

from logout_check import webapp
from logout_check.command import main
from logout_check.verdicts import NoAnswer
from tests.support.logout_check.right import App, Response, handler_of
from tests.support.logout_check.serving import CA, Quiet, served

FILE = """
[app]
url = "{url}"
{ca}
[people.alice]
login = "alice@example.com"
password = "the secret of Alice"
[people.bob]
login = "bob@example.com"
password = "the secret of Bob"
[login]
url = "/login"
form = {{ email = "{{login}}", password = "{{password}}" }}
[in]
url = "{page}"
[logout]
url = "/logout"
"""


@pytest.fixture
def check(tmp_path):
    """Run the command on an address; how it ended, and what it said."""

    def run(url, page="/", ca=None, more=(), command="run"):
        path = tmp_path / "app.toml"
        path.write_text(FILE.format(url=url, page=page, ca=f'ca = "{ca}"' if ca else ""))
        return CliRunner().invoke(main, [command, str(path), *more])

    return run


def one_line(result):
    """What it said, which is one line, and why it could not run."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    (line,) = [line for line in result.output.splitlines() if "Error:" in line]
    assert result.output.strip().endswith(line)
    return line


class Raw(Quiet):
    """It answers every request with these bytes."""

    answer = b""

    def handle(self):
        self.connection.recv(65536)
        self.connection.sendall(self.answer)


class Garbage(Raw):
    answer = b"\x00\x01 this is not HTTP\r\n\r\n"


class Nothing(Raw):
    pass


class Cut(Raw):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"


class BadlyPacked(Raw):
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"


@pytest.mark.parametrize("handler", [Garbage, Nothing, Cut, BadlyPacked])
def test_what_is_no_answer(handler, check):
    with served(handler) as port:
        said = one_line(check(f"http://127.0.0.1:{port}"))
    assert "GET /: what came back is not a whole HTTP answer" in said


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cut_connection_is_no_answer_to_a_post_and_a_get_is_sent_again(method):
    class CutsTheFirst(Raw):
        answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b""]

        @property
        def answer(self):
            return self.answers.pop()

    with served(CutsTheFirst) as port, webapp.Site(f"http://127.0.0.1:{port}") as site:
        if method == "GET":
            assert site.send("GET", "/", {}).text == "ok"
        else:
            with pytest.raises(NoAnswer):
                site.send("POST", "/", {})


@contextmanager
def hanging(first=b""):
    """A server that sends something, and no more until the test is over."""
    over = Event()

    class Hangs(Quiet):
        def handle(self):
            self.connection.sendall(first)
            over.wait(30)

    with served(Hangs) as port:
        yield port
        over.set()


def test_a_server_that_hangs(check, monkeypatch):
    monkeypatch.setattr(webapp, "SECONDS", 0.2)
    with hanging() as port:
        assert "GET /: no answer within 0.2 seconds." in one_line(check(f"http://127.0.0.1:{port}"))


def test_a_server_that_hangs_in_the_middle(check, monkeypatch):
    monkeypatch.setattr(webapp, "SECONDS", 0.2)
    with hanging(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly") as port:
        assert "GET /: no answer within 0.2 seconds." in one_line(check(f"http://127.0.0.1:{port}"))


def test_an_answer_without_an_end(check, monkeypatch):
    monkeypatch.setattr(webapp, "SECONDS", 0.2)

    class Drips(Quiet):
        def handle(self):
            self.connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            until = time.monotonic() + 2
            while time.monotonic() < until:
                self.connection.sendall(b"x")

    with served(Drips) as port:
        said = one_line(check(f"http://127.0.0.1:{port}"))
    assert "GET /: the answer did not end within 0.2 seconds." in said


def test_nobody_is_there(check):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = one_line(check(f"http://127.0.0.1:{port}"))
    assert f"Nobody can be reached at http://127.0.0.1:{port}" in said


def test_a_private_authority(check):
    with served(handler_of(App(), "https"), tls=True) as port:
        url = f"https://127.0.0.1:{port}"
        assert "Name its authority's file as app.ca." in one_line(check(url))
        assert "is no file with an authority's certificate" in one_line(check(url, ca="no.pem"))
        assert check(url, ca=CA.as_posix(), more=["--only", "1"]).exit_code == 0


def test_tls_where_there_is_none(check):
    with served(handler_of(App())) as port:
        said = one_line(check(f"https://127.0.0.1:{port}"))
    assert f"Nobody can be reached at https://127.0.0.1:{port}: it does not speak TLS" in said


class Around(App):
    """Its login page leads to itself."""

    def show_login(self, request):
        return Response(302, "", [("Location", "/login")])


class Away(App):
    def show_login(self, request):
        return Response(302, "", [("Location", "https://elsewhere.example/login")])


class NoPassword(App):
    def authenticate(self, login, password):
        return None


class TooMany(App):
    def log_in(self, request):
        return Response(429, "Later.")


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (Around, "GET /login redirects for ever: 10 times, and no end."),
        (Away, "https://elsewhere.example/login is another site's. It is not visited."),
        (NoPassword, "Alice cannot sign in, or does not stay in: POST /login answers 401"),
        (TooMany, "Alice cannot sign in: the login answers 429 (too many tries"),
    ],
)
def test_nobody_can_sign_in(app, reason, check):
    """It is said once, and nothing is told of any scenario."""
    with served(handler_of(app())) as port:
        result = check(f"http://127.0.0.1:{port}", more=["--only", "1,6"])
    assert result.exit_code == 2
    words = " ".join(result.output.split())
    assert words.count(reason) == 1
    assert re.findall(r"^ +(\d+)  could not tell", result.output, re.M) == ["1", "6"]


class Steering(App):
    def refusal(self, request):
        return Response(500, "", [("Location", "/\x1b[31m")])

    def routed(self, request):
        return Response(302, "", [("Location", "https://x.example/\x1b[31m")])


def test_an_error_steers_no_terminal(check):
    with served(handler_of(Steering())) as port:
        result = CliRunner().invoke(main, ["init", f"http://127.0.0.1:{port}/"])
    assert "https://x.example/" in one_line(result)
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("/login", "in.url: /login opens for a stranger too."),
        ("/nowhere", "in.url: GET /nowhere answers 404 to a stranger."),
    ],
)
def test_a_page_that_shows_nothing(page, reason, check):
    with served(handler_of(App())) as port:
        assert reason in one_line(check(f"http://127.0.0.1:{port}", page=page))


def test_another_machine_needs_to_be_allowed(check):
    said = one_line(check("http://staging.invalid"))
    assert "Say --allow staging.invalid if that is meant." in said
    said = one_line(check("http://staging.invalid", more=["--allow", "staging.invalid"]))
    assert "Nobody can be reached at http://staging.invalid" in said


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com", "http://localhost.example.com"])
def test_what_only_looks_like_this_machine_is_another(url, check):
    assert "is another machine" in one_line(check(url))


@pytest.mark.parametrize("handler", [Garbage, Nothing])
def test_init_and_load_say_it_too(handler, check):
    with served(handler) as port:
        url = f"http://127.0.0.1:{port}"
        result = CliRunner().invoke(main, ["init", url])
        assert "what came back is not a whole HTTP answer" in one_line(result)
        assert "nothing ends a session" in one_line(check(url, command="load"))

"""A right app, small and whole: it keeps every promise that the tester knows. Wrong ones are
made of it, in `wrong.py`, by changing one method.

Its operator has no command line: POST /operator/NAME does what one would.
"""

import copy
import hashlib
import hmac
import json
import secrets
import time
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from urllib.parse import parse_qs

from tests.support.logout_check.serving import CA, Quiet, ask, served

LOGIN_FORM = (
    '<form method="post" action="/login"><input type="hidden" name="csrf_token" value="{token}">'
    '<input name="email" type="email"><input name="password" type="password">'
    '<input name="remember" type="checkbox" value="yes"></form>'
)


@dataclass
class User:
    login: str
    name: str
    digest: str = ""
    rounds: int = 0
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    active: bool = True
    role: str = "member"


@dataclass
class Session:
    login: str
    token: str
    bag: str = ""
    number: str = field(default_factory=lambda: secrets.token_hex(4))


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    form: dict
    scheme: str

    def cookie(self, name):
        """The value of this cookie, if it is sent once."""
        pairs = [pair.strip().partition("=") for pair in self.headers.get("cookie", "").split(";")]
        values = [value for found, _, value in pairs if found == name]
        return values[0] if len(values) == 1 else None

    @property
    def bearer(self):
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def wants_json(self):
        return "application/json" in self.headers.get("accept", "")


@dataclass
class Response:
    status: int = 200
    body: str = ""
    headers: list = field(default_factory=list)


class Refused(Exception):
    def __init__(self, response):
        self.response = response


class App:
    rounds = 500

    def __init__(self):
        self.lock = RLock()
        self.users, self.sessions, self.remembered = {}, {}, {}
        self.api_tokens, self.links, self.newest_link = {}, {}, ""
        self.keys = ["a key"]
        self.stale = None
        for login, name in (("alice@example.com", "Alice"), ("bob@example.com", "Bob")):
            self.users[login] = self.with_password(User(login, name), f"the secret of {name}")

    # Passwords

    def with_password(self, user, password):
        user.rounds, user.digest = self.rounds, self.digest(password, self.rounds)
        return user

    def digest(self, password, rounds):
        salt = b"one for all: this is a test"
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds).hex()

    def authenticate(self, login, password):
        """A copy of the row whose password was right."""
        user = copy.copy(self.users.get(login))
        found = self.digest(password, user.rounds if user else self.rounds)
        if user is None or not hmac.compare_digest(found, user.digest):
            return None
        return user

    def may_sign_in(self, user):
        return user.active

    def rehash(self, user, password):
        if user.rounds != self.rounds:
            self.with_password(self.users[user.login], password)

    # Sessions

    def cookie_name(self, request):
        return "__Host-session" if request.scheme == "https" else "session"

    def flags(self, request):
        secure = "; Secure" if request.scheme == "https" else ""
        return f"; Path=/; HttpOnly; SameSite=Lax{secure}"

    def signed(self, number):
        return f"{number}.{self.signature(number, self.keys[-1])}"

    def signature(self, number, key):
        return hmac.new(key.encode(), number.encode(), "sha256").hexdigest()[:16]

    def begin_session(self, request, user, response):
        """A new session, with the token of the row whose password was checked."""
        old = self.session_of(request)
        if old:
            self.sessions.pop(old.number, None)
        session = Session(user.login, user.token)
        self.sessions[session.number] = session
        cookie = f"{self.cookie_name(request)}={self.signed(session.number)}{self.flags(request)}"
        response.headers.append(("Set-Cookie", cookie))
        return session

    def presented(self, request):
        return request.bearer or request.cookie(self.cookie_name(request)) or ""

    def session_of(self, request):
        """The live session of this request, or None."""
        number, _, signature = self.presented(request).partition(".")
        if not any(
            hmac.compare_digest(
                self.signature(number, key).encode(), signature.encode(errors="replace")
            )
            for key in self.keys
        ):
            return None
        return self.alive(self.sessions.get(number))

    def alive(self, session):
        user = session and self.users.get(session.login)
        return session if user and user.active and user.token == session.token else None

    def end_sessions(self, user):
        user.token = secrets.token_hex(16)
        self.forget(self.sessions, user)
        self.forget_other_credentials(user)

    def forget_other_credentials(self, user):
        self.forget(self.remembered, user)
        self.forget(self.api_tokens, user)

    def forget(self, table, user):
        for key in [key for key, entry in table.items() if entry.login == user.login]:
            del table[key]

    def restored(self, request):
        """The session of a browser that is remembered, begun anew."""
        entry = self.alive(self.remembered.get(request.cookie("remember") or ""))
        if entry is None:
            return None, []
        response = Response()
        session = self.begin_session(request, self.users[entry.login], response)
        return session, response.headers

    # Requests

    def answer(self, request):
        try:
            with self.lock:
                return self.routed(request)
        except Refused as refused:
            return refused.response
        except Exception as error:  # as a server does it
            return Response(500, repr(error))

    def routed(self, request):
        if request.path.startswith("/operator/"):
            return self.operator(request.path.rpartition("/")[2])
        if request.method == "OPTIONS":
            return self.preflight(request)
        public = PUBLIC.get((request.method, request.path.partition("/reset/")[1] or request.path))
        if public:
            return getattr(self, public)(request)
        private = PRIVATE.get((request.method, request.path))
        if private is None:
            return Response(404, "There is no such page.")
        session, headers = self.checked(request)
        response = getattr(self, private)(request, session)
        response.headers = headers + response.headers
        return response

    def checked(self, request):
        if request.path == "/api/me" and request.bearer in self.api_tokens:
            return self.api_tokens[request.bearer], []
        session, headers = self.session_of(request), []
        if session is None:
            session, headers = self.restored(request)
        if session is None:
            raise Refused(self.refusal(request))
        return session, headers

    def refusal(self, request):
        gone = [("Set-Cookie", f"{name}=; Path=/; Max-Age=0") for name in ("session", "remember")]
        if request.wants_json or request.path.startswith("/api/"):
            return Response(401, '{"error": "not signed in"}', gone + self.cors(request))
        return Response(303, "", [("Location", "/login"), *gone])

    def cors(self, request):
        return [("Access-Control-Allow-Origin", request.headers.get("origin", "*"))]

    def preflight(self, request):
        return Response(204, "", self.cors(request))

    def about(self, request):
        return Response(200, "What this is.")

    def show_login(self, request):
        token = secrets.token_hex(8)
        cookie = ("Set-Cookie", f"csrf={token}; Path=/")
        return Response(200, LOGIN_FORM.format(token=token), [cookie])

    def require_form_token(self, request):
        """A bearer's requests cannot be forged; a form's must repeat the cookie."""
        repeated = request.form.get("csrf_token") or request.headers.get("x-csrf-token")
        if not request.bearer and request.cookie("csrf") not in (repeated or "", None):
            raise Refused(Response(403, "The form's token is not there."))

    def log_in(self, request):
        self.require_form_token(request)
        password = request.form.get("password", "")
        user = self.authenticate(request.form.get("email", ""), password)
        if user is None or not self.may_sign_in(user):
            return Response(401, "Invalid credentials")
        self.rehash(user, password)
        response = Response(303, "", [("Location", "/")])
        session = self.begin_session(request, user, response)
        if request.form.get("remember"):
            key = secrets.token_hex(8)
            self.remembered[key] = Session(user.login, user.token)
            response.headers.append(
                ("Set-Cookie", f"remember={key}; Path=/; Max-Age=9999; HttpOnly")
            )
        if request.wants_json:
            return Response(200, json.dumps({"data": {"token": self.signed(session.number)}}))
        return response

    def home(self, request, session):
        user = self.users[session.login]
        return Response(200, f"<h1>Hello, {user.name}</h1>{session.bag}")

    def log_out(self, request, session):
        self.sessions.pop(session.number, None)
        return Response(204) if request.bearer else self.refusal(request)

    def log_out_everywhere(self, request, session):
        self.confirm(request, session)
        self.end_sessions(self.users[session.login])
        return Response(204)

    def confirm(self, request, session):
        user = self.authenticate(session.login, request.form.get("current_password", ""))
        if user is None:
            raise Refused(Response(422, "That is not your password."))

    def change_password(self, request, session):
        self.confirm(request, session)
        user = self.with_password(self.users[session.login], request.form["new_password"])
        return self.after_a_new_password(request, session, user)

    def after_a_new_password(self, request, session, user):
        self.end_sessions(user)
        response = Response(303, "", [("Location", "/")])
        new = self.begin_session(request, user, response)
        if request.wants_json:
            return Response(200, json.dumps({"data": {"token": self.signed(new.number)}}))
        return response

    def change_name(self, request, session):
        self.users[session.login].name = request.form["name"]
        return Response(303, "", [("Location", "/")])

    def put_in_bag(self, request, session):
        session.bag = request.form["what"]
        return Response(204)

    def devices(self, request, session):
        mine = [one.number for one in self.sessions.values() if one.login == session.login]
        forms = [
            f'<form action="/devices/end"><input name="id" value="{one}"></form>' for one in mine
        ]
        return Response(200, "".join(forms))

    def end_device(self, request, session):
        found = self.sessions.get(request.form["id"])
        if found and found.login == session.login:
            del self.sessions[found.number]
        return Response(204)

    def new_api_token(self, request, session):
        token = secrets.token_hex(16)
        self.api_tokens[token] = Session(session.login, session.token)
        return Response(201, json.dumps({"token": token}))

    def api_me(self, request, session):
        return Response(200, json.dumps({"login": session.login}), self.cors(request))

    def ask_for_reset(self, request):
        user, key = self.users.get(request.form.get("email", "")), secrets.token_hex(8)
        if user:
            self.links[key] = Session(user.login, user.token)
            self.newest_link = f"https://app.example/reset/{key}"
        return Response(200, "If there is such an account, a mail is under way.")

    def reset_entry(self, request):
        entry = self.links.get(request.path.rpartition("/")[2])
        return entry if entry and self.users[entry.login].token == entry.token else None

    def show_reset(self, request):
        if self.reset_entry(request) is None:
            return Response(404, "This link has been used, or is too old.")
        return Response(200, f'<form action="{request.path}"><input name="new_password"></form>')

    def use_reset(self, request):
        entry = self.reset_entry(request)
        if entry is None:
            return Response(404, "This link has been used, or is too old.")
        user = self.with_password(self.users[entry.login], request.form["new_password"])
        self.end_sessions(user)
        return Response(200, "You have a new password.")

    # The operator

    def operator(self, name):
        if not hasattr(self, f"operator_{name}"):
            return Response(404, "No such deed.")
        return Response(
            200, getattr(self, f"operator_{name}")(self.users.get("alice@example.com")) or ""
        )

    def operator_rotate(self, user):
        self.end_sessions(user)

    def operator_deactivate(self, user):
        user.active = False
        self.end_sessions(user)

    def operator_activate(self, user):
        user.active = True

    def operator_set_role(self, user):
        user.role = "admin"
        self.end_sessions(user)

    def operator_delete(self, user):
        self.kept = self.users.pop(user.login)

    def operator_create(self, user):
        self.users[self.kept.login] = self.kept
        self.end_sessions(self.kept)

    def operator_password_sql(self, user):
        self.kept_digest, user.digest = user.digest, "x"
        self.trigger(user)

    def trigger(self, user):
        self.end_sessions(user)

    def operator_password_back(self, user):
        user.digest = self.kept_digest

    def operator_new_key(self, user):
        self.keys.append(secrets.token_hex(8))

    def operator_stronger_hash(self, user):
        self.rounds = type(self).rounds * 2

    def operator_usual_hash(self, user):
        self.rounds = type(self).rounds

    def operator_load(self, user):
        self.stale = copy.copy(user)
        return "loaded"

    def operator_save(self, user):
        user.name = self.stale.name

    def operator_deploy(self, user):
        """Rows of before are as good as those of after."""

    def operator_undeploy(self, user):
        pass

    def operator_reset_link(self, user):
        return self.newest_link

    # Connections that stay open

    def goes_on(self, request):
        """Whether a stream that began as this request may go on."""
        with self.lock:
            return self.session_of(request) is not None

    def accepts_socket(self, request):
        with self.lock:
            return self.session_of(request) is not None


PUBLIC = {
    ("GET", "/login"): "show_login",
    ("POST", "/login"): "log_in",
    ("GET", "/about"): "about",
    ("POST", "/reset"): "ask_for_reset",
    ("GET", "/reset/"): "show_reset",
    ("POST", "/reset/"): "use_reset",
}
PRIVATE = {
    ("GET", "/"): "home",
    ("POST", "/logout"): "log_out",
    ("POST", "/everywhere"): "log_out_everywhere",
    ("POST", "/password"): "change_password",
    ("POST", "/profile"): "change_name",
    ("POST", "/bag"): "put_in_bag",
    ("GET", "/devices"): "devices",
    ("POST", "/devices/end"): "end_device",
    ("POST", "/api/tokens"): "new_api_token",
    ("GET", "/api/me"): "api_me",
}


class Handler(Quiet):
    """Serves `app` over `scheme`: its pages, a stream and a WebSocket."""

    app: "App"
    scheme: str
    wbufsize = -1  # head and body in one go

    def do_GET(self):
        request = self.read()
        if request.path == "/events":
            self.stream(request)
        elif request.path == "/ws":
            self.socket(request)
        else:
            self.reply(self.app.answer(request))

    do_POST = do_OPTIONS = do_GET

    def read(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("content-type") == "application/json":
            form = json.loads(body)
        else:
            fields = parse_qs(body.decode(), keep_blank_values=True, errors="replace")
            form = {name: values[0] for name, values in fields.items()}
        return Request(self.command, self.path, headers, form, self.scheme)

    def reply(self, response):
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        body = response.body.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, request):
        if not self.app.goes_on(request):
            self.reply(self.app.refusal(request))
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        while self.app.goes_on(request):
            self.wfile.write(b"data: something\n\n")
            self.wfile.flush()
            time.sleep(0.1)
        self.close_connection = True

    def socket(self, request):
        if not self.app.accepts_socket(request):
            self.reply(self.app.refusal(request))
            return
        key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade")):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        while self.app.goes_on(request):
            self.wfile.write(b"\x81\x05hello")
            self.wfile.flush()
            time.sleep(0.1)
        self.wfile.write(b"\x88\x00")
        self.wfile.flush()
        self.close_connection = True


def handler_of(app, scheme="http"):
    """How this app is served."""
    return type("AppHandler", (Handler,), {"app": app, "scheme": scheme})


FILE = """
[app]
url = "http://127.0.0.1:{port}"
https = "https://127.0.0.1:{tls_port}"
ca = "{ca}"
[people.alice]
login = "alice@example.com"
password = "the secret of Alice"
[people.bob]
login = "bob@example.com"
password = "the secret of Bob"
[in]
url = "/"
[login]
url = "/login"
form = {{ email = "{{login}}", password = "{{password}}" }}
[remember]
form = {{ remember = "yes" }}
[logout]
url = "/logout"
[everywhere]
url = "/everywhere"
form = {{ current_password = "{{password}}" }}
[password]
url = "/password"
form = {{ current_password = "{{password}}", new_password = "{{new_password}}" }}
[profile]
url = "/profile"
form = {{ name = "{{new_name}}" }}
[leftover]
url = "/bag"
form = {{ what = "{{new_name}}" }}
[devices]
url = "/devices"
[end_device]
url = "/devices/end"
form = {{ id = "{{id}}" }}
[api_token]
url = "/api/tokens"
[api]
url = "/api/me"
[reset]
url = "/reset"
form = {{ email = "{{login}}" }}
[reset_use]
form = {{ new_password = "{{new_password}}" }}
[stream]
url = "/events"
[websocket]
url = "/ws"
[cors]
url = "/api/me"
origin = "https://front.example"
[public]
urls = ["/about"]
[operator]
{commands}
[operator.undo]
{undone}
"""
COMMANDS = [
    "rotate", "deactivate", "activate", "set_role", "delete", "password_sql", "new_key",
    "stronger_hash", "deploy", "reset_link",
]  # fmt: skip
UNDONE = {
    "delete": "create",
    "password_sql": "password_back",
    "stronger_hash": "usual_hash",
    "deploy": "undeploy",
}


def file_for(port, tls_port):
    commands = {name: ask(port, f"/operator/{name}") for name in COMMANDS}
    commands["stale_save"] = ask(port, "/operator/load", "WAIT", "/operator/save")
    undone = {name: ask(port, f"/operator/{deed}") for name, deed in UNDONE.items()}
    return FILE.format(
        port=port,
        tls_port=tls_port,
        ca=CA.as_posix(),
        commands=lines(commands),
        undone=lines(undone),
    )


def lines(commands):
    return "\n".join(f"{name} = {json.dumps(command)}" for name, command in commands.items())


@contextmanager
def file_of(app, folder):
    """The file that describes this app, while it is served."""
    with served(handler_of(app)) as port, served(handler_of(app, "https"), tls=True) as tls_port:
        path = folder / "app.toml"
        path.write_text(file_for(port, tls_port))
        yield path

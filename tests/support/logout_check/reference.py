"""The reference app as the tester sees it: gunicorn, TLS before it, and its operator.

The operator types the app's own commands, and SQL. To deploy another version the operator's
command asks the test, which runs the servers.
"""

import http.client
import shlex
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, BOB
from tests.support.commands import command_in
from tests.support.databases import shell
from tests.support.logout_check.right import lines
from tests.support.logout_check.serving import CA, Quiet, ask, served
from tests.support.service import gunicorn

OLD = "tests.support.workers:make_old_app()"
STEP_OF_0_1 = "7"  # the core of version 0.1
FIRST_AFTER_0_1 = "0006_create_sessions"
ANN = ("ann@example.com", "the secret of Ann")  # an admin
PROXY = "127.0.0.1"

FILE = """
[app]
url = "{address}"
https = "https://127.0.0.1:{tls_port}"
ca = "{ca}"
[people.alice]
login = "{alice.email}"
password = "{alice.password}"
[people.bob]
login = "{bob.email}"
password = "{bob.password}"
[in]
url = "/"
text = "Hello, {{name}}"
[login]
url = "/login"
form = {{ email = "{{login}}", password = "{{password}}" }}
[remember]
form = {{ remember = "yes" }}
[logout]
url = "/logout"
[password]
url = "/password"
form = {{ current_password = "{{password}}", new_password = "{{new_password}}" }}
[profile]
url = "/profile"
form = {{ name = "{{new_name}}" }}
[devices]
url = "/sessions"
[end_device]
url = "/sessions/end"
form = {{ id = "{{id}}", current_password = "{{password}}" }}
[stream]
url = "/events"
[public]
urls = ["/healthz", "/readyz"]
{everywhere}
[operator]
{commands}
[operator.undo]
{undone}
"""
BUTTON = """[everywhere]
url = "/sessions/invalidate"
form = {{ current_password = "{{password}}"{more} }}
"""
WAYS = {  # to end all of Alice's sessions
    "her own button": BUTTON.format(more=""),
    "her own button, which keeps this browser": BUTTON.format(more=', keep = "this"'),
    "the operator's command": "",
    "an admin's page": "",
}
BY_ADMIN = {
    "rotate": "end-sessions",
    "deactivate": "deactivate",
    "activate": "activate",
    "set_role": "make-admin",
}
STALE_SAVE = """
import sys
from reference_app import database
from reference_app.models import User
database.use(sys.argv[1])
user = User.get(User.email == sys.argv[2])
print("loaded", flush=True)
input()
user.name = user.name
user.save()
"""


class Deployment:
    """The app that is served now, at an address that stays the same."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        self.where = {"DATABASE_URL": url, "SECRET_KEY_FILE": str(folder / "keys")}
        self.server, self.bind = ExitStack(), f"{PROXY}:0"

    def install(self):
        self.do("migrate")
        for who in (ALICE, BOB):
            self.do("create-user", who.email, "--name", who.name, stdin=who.password)
        email, password = ANN
        self.do("create-user", email, "--name", "Ann", "--role", "admin", stdin=password)
        self.serve()

    def do(self, *words, stdin=""):
        done = command_in(self.folder)(*words, stdin=stdin, **self.where)
        assert done.returncode == 0, done.stderr

    def serve(self, app="reference_app.wsgi:make_app()"):
        started = gunicorn(
            self.folder, self.url, app, bind=self.bind, TRUSTED_PROXY=PROXY, OLD_STEP=STEP_OF_0_1
        )
        self.service = self.server.enter_context(started)
        self.bind = urlsplit(self.service.address).netloc

    def deploy(self):
        self.server.close()
        self.do("migrate")
        self.serve()

    def undeploy(self):
        self.server.close()
        self.do("migrate", "down", FIRST_AFTER_0_1, "--yes")
        self.serve(OLD)


@contextmanager
def deployed(folder: Path, url: str, way: str):
    """The file that describes the app while it is served, with one of WAYS."""
    here = Deployment(folder, url)
    with ExitStack() as stack:
        stack.callback(here.server.close)
        here.install()
        tls_port = stack.enter_context(served(tls_proxy(here), tls=True))
        console = stack.enter_context(served(console_of(here)))
        path = folder / "app.toml"
        path.write_text(described(here, way, tls_port, console))
        yield path


def described(here: Deployment, way: str, tls_port: int, console: int) -> str:
    commands, undone = commands_of(here, console), undone_of(here, console)
    if way == "an admin's page":
        commands |= {name: by_admin(here, action) for name, action in BY_ADMIN.items()}
        undone["set_role"] = by_admin(here, "make-member")
    return FILE.format(
        address=here.service.address,
        tls_port=tls_port,
        ca=CA.as_posix(),
        alice=ALICE,
        bob=BOB,
        everywhere=WAYS[way],
        commands=lines(commands),
        undone=lines(undone),
    )


def commands_of(here: Deployment, console: int) -> dict[str, str]:
    why = "--reason checked"
    return {
        "rotate": typed(here, f"invalidate {{login}} {why}"),
        "deactivate": typed(here, f"deactivate {{login}} {why}"),
        "activate": typed(here, f"activate {{login}} {why}"),
        "set_role": typed(here, f"set-role {{login}} admin {why}"),
        "delete": in_sql(here, "DELETE FROM users"),
        "password_sql": in_sql(here, "UPDATE users SET password_digest = 'x'"),
        "new_key": f"{typed(here, 'keys add')} && {ask(console, '/reload')}",
        "stale_save": in_the_environment(here, "-c", STALE_SAVE, here.url) + " {login}",
        "deploy": ask(console, "/deploy"),
    }


def undone_of(here: Deployment, console: int) -> dict[str, str]:
    password = "printf '%s\\n' {password} | "
    return {
        "set_role": typed(here, "set-role {login} member --reason checked"),
        "delete": password + typed(here, "create-user {login} --name Alice"),
        "password_sql": password + typed(here, "set-password {login} --reason checked"),
        "deploy": ask(console, "/undeploy"),
    }


def typed(here: Deployment, words: str) -> str:
    """The operator's command line for this."""
    return f"{in_the_environment(here, '-m', 'reference_app')} {words}"


def by_admin(here: Deployment, action: str) -> str:
    """The same from a browser: Ann signs in and fills in the form of her page."""
    module = "tests.support.logout_check.admin"
    return in_the_environment(here, "-m", module, here.service.address, *ANN, action) + " {login}"


def in_sql(here: Deployment, statement: str) -> str:
    return shlex.join([*shell(here.url), f"{statement} WHERE email = '{ALICE.email}'"])


def in_the_environment(here: Deployment, *words: str) -> str:
    variables = [f"{name}={value}" for name, value in here.where.items()]
    return shlex.join(["env", f"PYTHONPATH={ROOT}", *variables, sys.executable, *words])


def console_of(here: Deployment):
    """Where the operator's commands ask for what only the test can do."""

    class Console(Quiet):
        protocol_version = "HTTP/1.0"

        def do_POST(self):
            deed = {"/reload": here.service.reload, "/deploy": here.deploy}
            {**deed, "/undeploy": here.undeploy}[self.path]()
            self.send_response(200)
            self.end_headers()

    return Console


def tls_proxy(here: Deployment):
    """What a TLS proxy does for the app, and no more."""

    class Proxy(Quiet):
        protocol_version = "HTTP/1.0"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(here.bind, timeout=60)
            headers = {**self.headers, "X-Forwarded-Proto": "https"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.read())
            connection.close()

        do_POST = do_GET

    return Proxy

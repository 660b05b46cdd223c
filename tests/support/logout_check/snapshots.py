"""The tester on a step's snapshot: in a process of its own, as only one app can live in one."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import bcrypt
import waitress
from bottle import Bottle, HTTPError

from lessons.kit.course.steps import find_step, load_app
from lessons.kit.stage.people import ALICE, BOB
from lessons.kit.stage.scenario import Scenario
from logout_check.config import read_app
from logout_check.runner import run
from logout_check.scenarios import SCENARIOS, all_scenarios
from logout_check.webapp import Site
from reference_app.demo import add_people
from tests.support.logout_check.right import lines
from tests.support.logout_check.serving import ask

FILE = """
[app]
url = "http://127.0.0.1:{port}"
[people.alice]
login = "{alice.email}"
password = "{alice.password}"
[people.bob]
login = "{bob.email}"
password = "{bob.password}"
[login]
url = "/login"
form = {{ email = "{{login}}", password = "{{password}}" }}
[in]
url = "/"
[logout]
url = "/logout"
[everywhere]
url = "/sessions/invalidate"
form = {{ current_password = "{{password}}" }}
[password]
url = "/password"
form = {{ current_password = "{{password}}", new_password = "{{new_password}}" }}
[profile]
url = "/profile"
form = {{ name = "{{new_name}}" }}
[operator]
{commands}
[operator.undo]
{undone}
"""


class Operator:
    """The deeds of somebody at the console of this step, for the test to ask for by HTTP."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.stale = None

    def alice(self):
        User = self.scenario.User
        return User.get(User.email == ALICE.email)

    def deactivate(self):
        self.alice().deactivate()

    def activate(self):
        self.alice().activate()

    def set_role(self):
        self.alice().set_role("admin")

    def usual_role(self):
        self.alice().set_role("member")

    def load(self):
        self.stale = self.alice()

    def save(self):
        self.stale.name = "Alice Liddell"
        self.stale.save()

    def password_sql(self):
        self.kept = self.scenario.sql("SELECT * FROM users WHERE email = ?", ALICE.email)[0]
        sql = "UPDATE users SET password_digest = 'x' WHERE email = ?"
        self.scenario.sql(sql, ALICE.email)

    def delete(self):
        self.kept = self.scenario.sql("SELECT * FROM users WHERE email = ?", ALICE.email)[0]
        self.scenario.sql("DELETE FROM users WHERE email = ?", ALICE.email)

    def put_back(self):
        self.scenario.sql("DELETE FROM users WHERE email = ?", ALICE.email)
        marks = ", ".join("?" for _ in self.kept)
        self.scenario.sql(f"INSERT INTO users VALUES ({marks})", *self.kept)


def verdicts(folder: str, numbers: list[str]) -> dict[str, str]:
    """By number, what the tester says of these scenarios on this step."""
    with Scenario(folder) as scenario, TemporaryDirectory() as place:
        port = serve(scenario)
        path = Path(place, "app.toml")
        path.write_text(file_for(port))
        app = read_app(path)
        with Site(app.url) as site:
            report = run(app, site, [SCENARIOS[number] for number in numbers])
        return {result.scenario.number: result.verdict.value for result in report.results}


def demo_verdicts(file: str) -> dict[str, str]:
    """What the tester says of lesson 7's app, by the file of the quick start."""
    parts = load_app(find_step(7).folder)
    parts.models.BCRYPT_ROUNDS = 4
    with TemporaryDirectory() as place:
        url = f"sqlite:///{Path(place, 'demo.db').as_posix()}"
        salt = bcrypt.gensalt
        bcrypt.gensalt = lambda *_: salt(4)  # nobody here has a secret
        add_people(parts.database, url)
        server = waitress.create_server(
            parts.app.create_app(url, secret_keys=["a key"]), host="127.0.0.1", port=0
        )
        Thread(target=server.run, daemon=True).start()
        path = Path(place, "app.toml")
        path.write_text(Path(file).read_text().replace("8080", str(server.effective_port)))
        app = read_app(path)
        with Site(app.url) as site:
            report = run(app, site, all_scenarios())
        return {result.scenario.number: result.verdict.value for result in report.results}


def serve(scenario) -> int:
    operator, console = Operator(scenario), Bottle()

    @console.post("/operator/<name>")
    def deed(name):
        try:
            with scenario.database.db.connection_context():
                getattr(operator, name)()
        except AttributeError as error:
            raise HTTPError(404, str(error)) from error
        return "done"

    def both(environ, start_response):
        mine = environ["PATH_INFO"].startswith("/operator/")
        return (console if mine else scenario.site)(environ, start_response)

    server = waitress.create_server(both, host="127.0.0.1", port=0)
    Thread(target=server.run, daemon=True).start()
    return server.effective_port


def file_for(port: int) -> str:
    names = ["deactivate", "activate", "set_role", "delete", "password_sql"]
    commands = {name: ask(port, f"/operator/{name}") for name in names}
    commands["stale_save"] = ask(port, "/operator/load", "WAIT", "/operator/save")
    back = {"set_role": "usual_role", "delete": "put_back", "password_sql": "put_back"}
    undone = {name: ask(port, f"/operator/{deed}") for name, deed in back.items()}
    return FILE.format(
        port=port, alice=ALICE, bob=BOB, commands=lines(commands), undone=lines(undone)
    )

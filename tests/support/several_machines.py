"""The app on six throw-away machines, set up as docs/operate-machines.md says."""

import re
import shlex
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, BOB, Person
from lessons.kit.stage.servers import wait_for
from tests.support.machine import Machine
from tests.support.network import copy, network

PAGE = (ROOT / "docs/operate-machines.md").read_text("utf-8")
FILES = ROOT / "deploy/machines"
SETTINGS = dict(re.findall(r"^(\w+)=(.+)$", (FILES / "settings").read_text(), re.MULTILINE))
HOST = SETTINGS["HOST_NAME"]
NAMES = ("proxy", "app1", "app2", "pool", "db1", "db2")
ADDRESSES = {name: SETTINGS[name.upper()] for name in NAMES}
ANN = Person("ann@example.com", "Ann", "keeper of the gate")
PEOPLE = [(ALICE, "member"), (BOB, "member"), (ANN, "admin")]
ALICES, BOBS = 1, 2  # their ids
IN, OUT = (200, ""), (303, f"https://{HOST}/login?expired=1")

ENDS_WAIT, NO_END_WAITS = (f"deploy/machines.sh ends-wait {word}" for word in ("yes", "no"))

# A new machine: nothing of ours is on it.
EMPTY = """
hide() { mount -t tmpfs -o "uid=$(id -u "$1")" tmpfs "$2"; }
hide postgres /etc/postgresql
hide postgres /var/lib/postgresql
hide redis /var/lib/redis
mkdir /srv/copy /srv/layers
mount -t tmpfs tmpfs /srv/layers
cd /srv/layers
mkdir upper work
mount -t overlay overlay -o "lowerdir=/repository,upperdir=$PWD/upper,workdir=$PWD/work" /srv/copy
"""
NEW_CLUSTER = 'pg_createcluster "$(ls /usr/lib/postgresql | tail -n 1)" main'
PACKAGES = """
/usr/bin/python3 -m venv /opt/logout-everywhere
/opt/logout-everywhere/bin/pip install -q -c constraints.txt ".[server]" "hatchling>=1.28,<2"
"""
NO_REGISTRY = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # 0 is how pip spells "none"


def steps(heading: str) -> list[tuple[str, str]]:
    """What stands below this heading of the page: on which machine, what to run."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\d\. On (\w+): `(.+?)`", section, re.MULTILINE)


class Site:
    """The six machines, and what a browser sees of them. `primary` and `standby` are names."""

    def __init__(self, machines: dict[str, Machine]):
        self.machines, self.primary, self.standby = machines, "db1", "db2"

    def on(self, name: str, *words: str, **options) -> str:
        """Run it there to its end; what it printed. It must succeed."""
        return self.machines[name].do(*words, **options)

    def deploy(self, name: str, command: str) -> str:
        """Run a command of the page there, in the copy of the repository."""
        return self.on(name, "env", "-C", "/srv/copy", *shlex.split(command), **NO_REGISTRY)

    def follow(self, heading: str) -> None:
        """Do what the page says below this heading."""
        found = steps(heading)
        assert found, heading
        for name, command in found:
            self.deploy(name, command)

    def ask(self, path: str, cookie: str = "", **fields: str) -> tuple[int, str]:
        """The status and the place of one request through the balancer."""
        return self.answer(path, cookie, **fields)[:2]

    def answer(self, path: str, cookie: str, **fields: str) -> tuple[int, str, str]:
        """Also the cookie that the answer sets."""
        form = [word for field in fields.items() for word in ("--data-urlencode", "=".join(field))]
        found = self.on("proxy", *CURL, "--cookie", cookie, *form, f"https://{HOST}{path}")
        status, place, setting = found.split("\t")
        return int(status), place, setting.partition(";")[0]

    def sign_in(self, person: Person) -> str:
        """The cookie of a new session."""
        status, place, cookie = self.answer(
            "/login", "", email=person.email, password=person.password
        )
        assert (status, place) == (303, f"https://{HOST}/")
        assert cookie.startswith("__Host-session=")
        return cookie

    def end_sessions(self, ann: str, user_id: int, deed: str = "end-sessions") -> tuple[int, str]:
        """Ann, an admin, ends all sessions of a user."""
        fields = {"current_password": ANN.password, "reason": "left"}
        return self.ask(f"/admin/users/{user_id}/{deed}", ann, **fields)

    def deactivate(self, ann: str, user_id: int) -> tuple[int, str]:
        return self.end_sessions(ann, user_id, "deactivate")

    def comes_back(self, cookie: str) -> None:
        """Wait until each of many requests in a row is let in, whichever process answers."""
        wait_for(lambda: {self.ask("/", cookie) for _ in range(16)} == {IN}, "all pages are back")

    def settled(self, cookie: str) -> tuple[int, str]:
        """Whether this cookie is let in, as soon as the app says so."""
        said: list[tuple[int, str]] = []

        def decided() -> bool:
            said.append(self.ask("/", cookie))
            return said[-1] in (IN, OUT)

        wait_for(decided, "the app lets in or refuses")
        return said[-1]

    def comes_in(self, person: Person) -> str:
        """The cookie of a new session, as soon as they can sign in."""
        got: list[str] = []

        def tried() -> list[str]:
            with suppress(AssertionError):
                got.append(self.sign_in(person))
            return got

        wait_for(tried, f"{person.name} signs in")
        return got[0]

    def an_end_waits(self) -> bool:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        return self.sql(self.primary, waits) != "0"

    def sql(self, name: str, statement: str, database: str = "app") -> str:
        words = ["runuser", "-u", "postgres", "--", "psql", "-XAtqc", statement, database]
        return self.on(name, "env", "-C", "/", *words).strip()

    def kill(self, service: str) -> None:
        """Kill a service of the machine "pool" with SIGKILL. systemd starts it again."""
        self.on("pool", "systemctl", "kill", "--signal", "KILL", service)

    def lose(self, name: str) -> None:
        """It is off the network, and its PostgreSQL is killed."""
        self.on(name, "ip", "link", "set", "eth0", "down")
        self.on(name, "systemctl", "kill", "--signal", "KILL", "postgresql@*")

    def comes_back_as_standby(self, name: str) -> None:
        """The lost machine is on the network again, with its old files, and gets new ones."""
        self.on(name, "ip", "link", "set", "eth0", "up")
        self.primary, self.standby = self.standby, self.primary
        assert name == self.standby
        self.make_standby()

    def make_standby(self) -> None:
        self.deploy(self.standby, f"deploy/machines.sh standby-of {ADDRESSES[self.primary]}")
        self.deploy(self.primary, ENDS_WAIT)

    def standby_has_all(self) -> bool:
        replayed = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication"
        return self.sql(self.primary, replayed) == "t"

    def send_nothing(self) -> None:
        """The primary sends nothing of what it writes: it is lost before it comes to that."""
        self.on(self.primary, "pkill", "--signal", "STOP", "--full", "walsender")

    @contextmanager
    def ending(self, ann: str, user_id: int):
        """An end of sessions that waits for the standby. Its answer is in the list, in the end."""
        answers: list[tuple[int, str]] = []
        thread = threading.Thread(target=lambda: answers.append(self.end_sessions(ann, user_id)))
        thread.start()
        try:
            wait_for(self.an_end_waits, "the end waits for the standby")
            yield answers
        finally:
            thread.join()


CURL = ["curl", "-sS", "--max-time", "60", "--cacert", "/etc/ssl/logout-everywhere.crt"]
CURL += ["--resolve", f"{HOST}:443:{ADDRESSES['proxy']}", "--output", "/dev/null"]
CURL += ["--write-out", "%{http_code}\t%{redirect_url}\t%header{set-cookie}"]


@contextmanager
def several_machines():
    """The machines, set up by the steps of the page, with Alice, Bob and Ann."""
    with network(ADDRESSES) as machines:
        with ThreadPoolExecutor(len(machines)) as starting:
            list(starting.map(prepare, machines, machines.values()))
        copy(machines["app1"], machines["app2"], "opt/logout-everywhere")
        site = Site(machines)
        share_secrets(site)
        site.follow("Set it up")
        for person, role in PEOPLE:
            words = ["create-user", person.email, "--name", person.name, "--role", role]
            site.on("app1", "logout-everywhere", *words, stdin=f"{person.password}\n")
        yield site


def prepare(name: str, here: Machine) -> None:
    here.do("bash", "-euc", EMPTY)
    if name.startswith("db"):
        here.do("bash", "-euc", NEW_CLUSTER)
    if name == "app1":
        here.do("bash", "-euc", PACKAGES, network="outer")


def share_secrets(site: Site) -> None:
    """Make them on one machine, and copy them to all."""
    file = "/srv/copy/deploy/machines/secrets"
    site.deploy("app1", "deploy/machines.sh secrets")
    made = site.on("app1", "cat", file)
    for name in set(site.machines) - {"app1"}:
        site.on(name, "bash", "-euc", f"umask 077; cat >{file}", stdin=made)

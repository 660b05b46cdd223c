"""The file that describes an app: read and checked. Errors name the line and the key."""

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .verdicts import Verdict

PLACEHOLDERS = {
    "login", "password", "new_password", "name", "new_name", "email", "id", "token", "basic",
    "basic_token", "link",
}  # fmt: skip

TEXT, WORDS, STATUS = (str,), (dict,), (int, list)
ACTION = {
    "url": TEXT,
    "method": TEXT,
    "page": TEXT,
    "form": WORDS,
    "json": WORDS,
    "headers": WORDS,
    "answers": STATUS,
    "says": TEXT,
    "token": TEXT,
}
ACTIONS = [
    "login", "logout", "everywhere", "password", "profile", "devices", "end_device", "leftover",
    "api_token", "api", "reset", "reset_use",
]  # fmt: skip
COMMANDS = [
    "rotate", "deactivate", "activate", "set_role", "delete", "password_sql", "new_key",
    "stale_save", "deploy", "stronger_hash", "reset_link",
]  # fmt: skip
UNDONE = ["set_role", "delete", "password_sql", "password", "new_key", "deploy", "stronger_hash"]
TABLES: dict[str, dict[str, tuple]] = {
    **{name: ACTION for name in ACTIONS},
    "app": {"url": TEXT, "https": TEXT, "ca": TEXT},
    "in": {"url": TEXT, "text": TEXT},
    "remember": {"form": WORDS, "json": WORDS},
    "stream": {"url": TEXT},
    "websocket": {"url": TEXT, "say": TEXT},
    "cors": {"url": TEXT, "origin": TEXT},
    "public": {"urls": (list,)},
    "operator": {**dict.fromkeys(COMMANDS, TEXT), "undo": WORDS},
}
TABLES["devices"] = {**ACTION, "id": TEXT}
NEEDED = ["app.url", "people.alice", "people.bob", "login.url", "in.url"]


class FileError(Exception):
    """The file cannot be used; the message is one line that names the line and the key."""


@dataclass
class Person:
    """Somebody of the app. `password` is the one that is valid now."""

    login: str
    password: str = field(repr=False)
    name: str
    email: str = ""
    also: list[str] = field(default_factory=list)  # names that a scenario has given

    @property
    def names(self) -> list[str]:
        return [self.name, *self.also]

    def words(self) -> dict[str, str]:
        words = {"login": self.login, "password": self.password, "name": self.name}
        return {**words, "email": self.email or self.login}


@dataclass(frozen=True)
class Action:
    """A request that somebody makes of the app: a form, or JSON."""

    url: str
    method: str = "POST"
    page: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    json: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    answers: tuple[int, ...] = ()
    says: str = ""
    token: str = ""


@dataclass
class App:
    """What the file says. `tables` is the file itself; `offers` asks it for a dotted key."""

    folder: Path
    url: str
    people: dict[str, Person]
    actions: dict[str, Action]
    tables: dict[str, Any]
    expected: dict[str, Verdict]

    def get(self, key: str, default: Any = None) -> Any:
        found: Any = self.tables
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                return default
            found = found[part]
        return found

    def offers(self, key: str) -> bool:
        return self.get(key) is not None

    @property
    def is_bearer(self) -> bool:
        return bool(self.actions["login"].token)

    @property
    def wants_json(self) -> bool:
        return self.is_bearer or self.actions["login"].json is not None

    @property
    def ca(self) -> Path | None:
        return self.folder / self.get("app.ca") if self.offers("app.ca") else None


def read_app(path: Path) -> App:
    """Raises FileError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FileError(f"{path}: cannot be read: {reason}.") from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(f"{path}: this is not TOML: {error}") from error
    return Reader(path, tables, places_of_keys(text)).app()


def places_of_keys(text: str) -> dict[str, int]:
    """The line of each dotted key; if a key is there twice, the first line."""
    places: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = head[1].replace('"', "")
            places.setdefault(table, number)
        elif key := re.match(r"""\s*([\w.'"-]+)\s*=""", line):
            name = key[1].strip("'\"")
            places.setdefault(f"{table}.{name}" if table else name, number)
    return places


class Reader:
    """Checks the tables of one file, and makes the app of them."""

    def __init__(self, path: Path, tables: dict[str, Any], places: dict[str, int]):
        self.path, self.tables, self.places = path, tables, places

    def app(self) -> App:
        self.check_names()
        for key in NEEDED:
            self.need(key)
        self.check_address("app.url")
        if "https" in self.tables["app"]:
            self.check_address("app.https", "https")
        self.need_environment()
        folder = self.path.resolve().parent
        people = {who: self.person(who, folder) for who in ("alice", "bob")}
        actions = {name: self.action(name) for name in ACTIONS if name in self.tables}
        expected = self.expected()
        url = self.tables["app"]["url"].rstrip("/")
        return App(folder, url, people, actions, self.tables, expected)

    def wrong(self, key: str, what: str) -> FileError:
        place = key
        while place and place not in self.places:
            place = place.rpartition(".")[0]
        line = f", line {self.places[place]}" if place else ""
        return FileError(f"{self.path}{line}: {key}: {what}")

    def need(self, key: str) -> None:
        table, _, rest = key.partition(".")
        if table not in self.tables or rest not in self.tables[table]:
            raise self.wrong(key, "is needed, and is not there.")

    def check_names(self) -> None:
        for name, table in self.tables.items():
            if name == "expected":
                continue
            if name == "people":
                self.check_table(name, table, dict.fromkeys(("alice", "bob"), WORDS))
                continue
            if name not in TABLES:
                raise self.wrong(name, f"there is no such table. There are {', '.join(TABLES)}.")
            self.check_table(name, table, TABLES[name])
        for what in self.tables.get("operator", {}).get("undo", {}):
            if what not in UNDONE:
                raise self.wrong(f"operator.undo.{what}", f"no such: {', '.join(UNDONE)}.")

    def check_table(self, name: str, table: Any, keys: dict[str, tuple]) -> None:
        if not isinstance(table, dict):
            raise self.wrong(name, f"must be a table: [{name}].")
        for key, value in table.items():
            if key not in keys:
                raise self.wrong(f"{name}.{key}", f"is not known. Known are {', '.join(keys)}.")
            if not isinstance(value, keys[key]) or isinstance(value, bool):
                kinds = " or ".join(NAMES_OF_KINDS[kind] for kind in keys[key])
                raise self.wrong(f"{name}.{key}", f"must be {kinds}.")

    def check_address(self, key: str, *schemes: str) -> None:
        table, _, name = key.partition(".")
        address = self.tables[table][name]
        try:
            parts = urlsplit(address)
            good = parts.scheme in (schemes or ("http", "https")) and parts.hostname
            more = parts.path.strip("/") or parts.query or parts.fragment or parts.username
            good = good and parts.port != 0 and not more
        except ValueError:
            good = False
        if not good:
            raise self.wrong(key, "is not the address of an app, as http://host:port.")

    def need_environment(self) -> None:
        """One error names all passwords that are missing there."""
        wanted = {}
        for who, table in self.tables["people"].items():
            password = table.get("password")
            if isinstance(password, dict) and set(password) == {"env"}:
                wanted[f"people.{who}.password"] = str(password["env"])
        missing = {key: name for key, name in wanted.items() if name not in os.environ}
        if missing:
            names = list(missing.values())
            export = " ".join(f"{name}='...'" for name in names)
            what = f"the environment has no {' and no '.join(names)}. First: export {export}"
            raise self.wrong(next(iter(missing)), what)

    def person(self, who: str, folder: Path) -> Person:
        table = self.tables["people"][who]
        key = f"people.{who}"
        texts = dict.fromkeys(("login", "name", "email"), TEXT)
        self.check_table(key, table, {**texts, "password": (str, dict)})
        for name in ("login", "password"):
            if name not in table:
                raise self.wrong(f"{key}.{name}", "is needed, and is not there.")
        password = self.secret(f"{key}.password", table["password"], folder)
        name = table.get("name", who.capitalize())
        return Person(table["login"], password, name, table.get("email", ""))

    def secret(self, key: str, value: str | dict, folder: Path) -> str:
        """A secret is text, or {env = "NAME"}, or {file = "path"}."""
        if isinstance(value, str):
            return value
        if set(value) == {"env"}:
            return os.environ[str(value["env"])]
        if set(value) == {"file"}:
            try:
                return (folder / str(value["file"])).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise self.wrong(key, f"the file {value['file']} cannot be read.") from error
        raise self.wrong(key, 'must be text, {env = "NAME"} or {file = "path"}.')

    def action(self, name: str) -> Action:
        table = {key: value for key, value in self.tables[name].items() if key in ACTION}
        method = table.get("method", "GET" if name in ("devices", "api") else "POST")
        has_page = name == "reset_use" or ("page" in table and method not in ("GET", "HEAD"))
        if "url" not in table and not has_page:
            raise self.wrong(f"{name}.url", "is needed, and is not there.")
        if "form" in table and "json" in table:
            raise self.wrong(f"{name}.json", "there is a form already: give one of the two.")
        self.check_placeholders(name, table)
        answers = table.pop("answers", ())
        if not isinstance(answers, list | tuple):
            answers = [answers]
        given: dict[str, Any] = {"url": "", **table, "method": method, "answers": tuple(answers)}
        return Action(**given)

    def check_placeholders(self, key: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                self.check_placeholders(f"{key}.{name}", below)
        for found in re.findall(r"\{(\w+)\}", value) if isinstance(value, str) else ():
            if found not in PLACEHOLDERS:
                known = ", ".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
                raise self.wrong(key, f"{{{found}}} is not known. Known are {known}.")

    def expected(self) -> dict[str, Verdict]:
        """`expected = [6, "20 could not tell"]`: a number alone means that it is broken."""
        entries = self.tables.get("expected", [])
        if not isinstance(entries, list):
            raise self.wrong("expected", 'must be a list, as [6, "20 could not tell"].')
        return dict(self.expectation(entry) for entry in entries)

    def expectation(self, entry: Any) -> tuple[str, Verdict]:
        number, _, verdict = str(entry).partition(" ")
        try:
            if not number.isdigit():
                raise ValueError
            return number, Verdict(verdict or Verdict.BROKEN)
        except ValueError as error:
            known = ", ".join(Verdict)
            raise self.wrong(
                "expected", f"{entry!r} is not a scenario's number, and one of: {known}."
            ) from error


NAMES_OF_KINDS = {str: "text", dict: "a table, as {key = …}", int: "a number", list: "a list"}


def fill(value: Any, words: dict[str, str]) -> Any:
    """`value` with each {word} in its texts replaced."""
    if isinstance(value, dict):
        return {key: fill(below, words) for key, below in value.items()}
    if isinstance(value, list):
        return [fill(below, words) for below in value]
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], found[0]), value)
    return value

"""A browser: its own cookie jar or bearer token, and what people do with it."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from .config import Action, App, Person, fill
from .cookies import Jar
from .forms import Page, is_token
from .verdicts import CouldNotTell, Exchange, NoAnswer, RedirectLoop
from .webapp import Answer, Site

PAGES = "text/html,application/xhtml+xml,*/*;q=0.8"
HOPS = 10
TOKEN_HEADERS = ("X-CSRFToken", "X-CSRF-Token", "X-XSRF-TOKEN")


@dataclass(frozen=True)
class Prepared:
    """A request that is ready to be sent, with its CSRF token."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


class Browser:
    """Somebody's browser. `log` records what it does; copies share the log."""

    def __init__(self, app: App, site: Site, who: str, log: list[Exchange]):
        self.app, self.site, self.who, self.log = app, site, who, log
        self.jar, self.bearer = Jar(), ""
        self.person: Person | None = None

    def copy(self, who: str) -> "Browser":
        """Another browser with a copy of everything that identifies this one."""
        other = Browser(self.app, self.site, who, self.log)
        other.jar, other.bearer, other.person = self.jar.copy(), self.bearer, self.person
        return other

    def known_by(self) -> str:
        """Exactly what identifies it; "" if nothing does."""
        return self.bearer or self.jar.header(self.app.get("in.url"))

    def get(self, path: str, **headers: str) -> Answer:
        return self.send(Prepared("GET", path, headers, None))

    def send(self, request: Prepared, take: bool = True) -> Answer:
        """Send it with the cookies that fit, and take those of the answer."""
        path = self.site.address(request.path).removeprefix(self.site.origin) or "/"
        headers = {"User-Agent": "logout-check", "Accept": self.accept, **request.headers}
        headers = {**self.credentials(path), **headers}
        try:
            answer = self.site.send(request.method, path, headers, request.body)
        except NoAnswer as error:
            self.note(request.method, path, str(error))
            raise
        self.note(request.method, path, answer.came)
        if take:
            for header in answer.headers.get_list("set-cookie"):
                self.jar.take(header, urlsplit(path).path)
        return answer

    def credentials(self, path: str) -> dict[str, str]:
        """The headers that identify it at this path."""
        found = {"Cookie": self.jar.header(urlsplit(path).path)}
        found["Authorization"] = f"Bearer {self.bearer}" if self.bearer else ""
        return {name: value for name, value in found.items() if value}

    @property
    def accept(self) -> str:
        return "application/json" if self.app.wants_json else PAGES

    def note(self, method: str, path: str, came: str) -> None:
        self.log.append(Exchange(self.who, method, path.partition("?")[0], came))

    def follow(self, path: str, **headers: str) -> list[Answer]:
        """All answers, from the first to the last redirect's target. Raises RedirectLoop."""
        answers = [self.get(path, **headers)]
        while answers[-1].location is not None:
            if len(answers) > HOPS:
                raise RedirectLoop(f"GET {path} redirects for ever: {HOPS} times, and no end.")
            answers.append(self.get(self.site.path_of(answers[-1].location, answers[-1].path)))
        return answers

    def page(self, path: str) -> Page:
        answer = self.follow(path)[-1]
        self.header_token = next(
            (
                value
                for name, value in answer.headers.items()
                if is_token(name) and name != "set-cookie"
            ),
            None,
        )
        return Page(answer.text, answer.path)

    def prepare(self, action: Action, words: dict[str, str], page: str | None = None) -> Prepared:
        """The request for this action, after a look at its page for hidden fields and a token."""
        words = {**words, **basic(words)}
        url, form, sent = (fill(part, words) for part in (action.url, action.form, action.json))
        headers = fill(action.headers, words)
        page = fill(action.page, words) or page
        hidden: dict[str, str] = {}
        if page is not None and action.method not in ("GET", "HEAD"):
            target, hidden, found = self.seen_on(page, url, set(form))
            url = url or target
            headers = {**found, **headers}
            headers.setdefault("Referer", self.site.address(page))
        path = self.site.address(url).removeprefix(self.site.origin)
        if action.method not in ("GET", "HEAD"):
            headers = {"Origin": self.site.origin, "Sec-Fetch-Site": "same-origin", **headers}
        if sent is not None:
            headers["Content-Type"] = "application/json"
            return Prepared(action.method, path, headers, json.dumps(sent).encode())
        if action.method in ("GET", "HEAD"):
            query = f"?{urlencode(form)}" if form else ""
            return Prepared(action.method, path + query, headers, None)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({**hidden, **form}, doseq=True).encode()
        return Prepared(action.method, path, headers, body)

    def seen_on(
        self, page: str, url: str, names: set[str]
    ) -> tuple[str, dict[str, str], dict[str, str]]:
        """Of the page's form that goes to `url`, or else of the one with these fields: where it
        goes, its hidden fields, and the headers that carry a token."""
        seen = self.page(page)
        form = seen.form_for(urlsplit(self.site.address(url)).path if url else "", names)
        target = form.target if form else seen.path
        hidden = seen.token_fields() | (form.hidden() if form else {})
        cookie = next((one.value for one in self.jar.cookies if is_token(one.name)), None)
        field = next((value for name, value in hidden.items() if is_token(name)), None)
        token = seen.meta_token() or self.header_token or (cookie and unquote(cookie)) or field
        return target, hidden, dict.fromkeys(TOKEN_HEADERS, token) if token else {}

    def do(self, action: Action, words: dict[str, str], page: str | None = None) -> Answer:
        """Do it, and require that the app accepts it. Raises CouldNotTell if it refuses."""
        answer = self.send(self.prepare(action, words, page))
        self.require_agreement(action, answer)
        return answer

    def require_agreement(self, action: Action, answer: Answer) -> None:
        refused = answer.status >= 400
        if action.answers:
            refused = answer.status not in action.answers
        came = f"{self.who}: {action.method} {answer.path.partition('?')[0]} answers {answer.came}"
        if refused or action.says not in answer.text:
            hint = " (too many tries: wait, or raise its limit)" if answer.status == 429 else ""
            lacks = f", without {action.says!r}" if not refused else ""
            raise CouldNotTell(f"{came}{lacks}{hint}.")
        silent = not action.answers and not action.says
        if silent and Page(answer.text, answer.path).asks_again(set(action.form)):
            raise CouldNotTell(
                f"{came} and shows the form again, as a refusal does. If it agrees in this way, "
                "give the action a text that it then says."
            )
        token = value_in(answer.json, self.app.actions["login"].token)
        if self.bearer and isinstance(token, str) and action is not self.app.actions["login"]:
            self.bearer = token  # a new one, only for this browser


def basic(words: dict[str, str]) -> dict[str, str]:
    """Of Basic authentication: with the login and the password, and with a token as the name."""
    pairs = {
        "basic": f"{words.get('login', '')}:{words.get('password', '')}",
        "basic_token": f"{words.get('token', '')}:",
    }
    return {name: base64.b64encode(pair.encode()).decode() for name, pair in pairs.items()}


def value_in(found: Any, dotted: str) -> Any:
    """The value at "data.token" in what a JSON answer holds; None if there is none."""
    for part in dotted.split(".") if dotted else ["\0"]:
        found = found.get(part) if isinstance(found, dict) else None
    return found

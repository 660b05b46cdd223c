"""What happens in a scenario: each request of its browsers, and the result."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from itsdangerous import BadData

from .browsers import Browser, signer
from .databases import columns, execute

NO_COOKIE, NO_STAMP, NO_ROW = "no cookie", "no stamp", "no row"
NO_COLUMN, NO_USER = "no column", "no user"
COPIES = "copies the cookie of"
NAME = "kit.browser"  # in the WSGI environment


@dataclass(frozen=True)
class Event:
    """A request and its answer, or the theft of a cookie.

    `sent` is what the session cookie held that came with the request, `received` what was in one
    that came back; from step 8 on with what the session's row held. `token` is the one of the user
    whom `sent` names, before the request; `tokens` names each person's after it.
    """

    browser: str
    does: str
    sent: dict | None
    received: dict | None
    token: str | None
    answer: str
    location: str
    tokens: dict[str, str]

    @property
    def status(self) -> int:
        return int(self.answer[:3] or 0)

    @property
    def is_theft(self) -> bool:
        return self.does.startswith(COPIES)

    @property
    def stamp(self) -> str:
        """The stamp that was sent with the request, or after a login the one that came back."""
        login = self.does == "POST /login" and self.received
        return stamp_in(self.received if login else self.sent)

    @property
    def outcome(self) -> str:
        """The result, in a word or two."""
        if self.is_theft:
            return "copied"
        if not self.answer:  # a stream that ended
            return "is out"
        if self.does == "POST /login":
            return "logs in" if self.location == "/" else "refused"
        if self.status == 200:
            return "is in"
        return "is out" if self.does == "GET /" or "expired" in self.location else "done"

    def renamed(self, name_of: Callable[[str | None], str]) -> "Event":
        """The same with a name for each token."""
        return replace(
            self,
            sent=renamed_stamp(self.sent, name_of),
            received=renamed_stamp(self.received, name_of),
            token=name_of(self.token),
            tokens={who: name_of(token) for who, token in self.tokens.items()},
        )


def stamp_in(session: dict | None) -> str:
    if session is None:
        return NO_COOKIE
    return session.get("session_token") or (NO_ROW if "session_id" in session else NO_STAMP)


def renamed_stamp(session: dict | None, name_of) -> dict | None:
    if session is None or not session.get("session_token"):
        return session
    return {**session, "session_token": name_of(session["session_token"])}


class Recorder:
    """A WSGI app that passes requests on, and records those of browsers that have a name."""

    def __init__(self, site, url: str):
        self.site, self.url = site, url
        self.events: list[Event] = []

    def watch(self, name: str, browser: Browser) -> None:
        browser.app = self
        browser.extra_environ[NAME] = name

    def __call__(self, environ, start_response):
        if NAME not in environ:
            return self.site(environ, start_response)
        sent, answered = self.session_of(environ.get("HTTP_COOKIE", "")), {}
        token = self.token_of(sent)

        def keep(status, headers, error=None):
            answered.update(headers, status=status)
            return start_response(status, headers, error)

        body = self.site(environ, keep)
        does = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        received = self.session_of(answered.get("Set-Cookie", ""))
        came_of_it = answered["status"], answered.get("Location", "")
        self.events.append(
            Event(environ[NAME], does, sent, received, token, *came_of_it, self.tokens())
        )
        return body

    def note_theft(self, thief: str, victim: Browser) -> None:
        does = f"{COPIES} {victim.extra_environ.get(NAME, 'a browser')}"
        sent = self.session_of(victim.cookie)
        token, tokens = self.token_of(sent), self.tokens()
        self.events.append(Event(thief, does, sent, None, token, "", "", tokens))

    def note(self, browser: Browser, does: str, answer: str = "") -> None:
        """Record what was seen on a socket, which does not pass through here; "" for an end."""
        sent = self.session_of(browser.cookie)
        name, token = browser.extra_environ[NAME], self.token_of(sent)
        self.events.append(Event(name, does, sent, None, token, answer, "", self.tokens()))

    def session_of(self, cookie: str) -> dict | None:
        """What the cookie holds, and from step 8 on what its session's row holds."""
        session = session_in(cookie)
        if session is None or "session_id" not in session:
            return session
        digest = hashlib.sha256(session["session_id"].encode()).hexdigest()
        sql = "SELECT user_id, session_token FROM sessions WHERE digest = ?"
        for user_id, token in execute(self.url, sql, digest):
            return {**session, "user_id": user_id, "session_token": token}
        return session

    def token_of(self, session: dict | None) -> str | None:
        """The token in the row of the user whom the cookie names, or why there is none."""
        if session is None:
            return None
        if not self.has_tokens():
            return NO_COLUMN
        sql = "SELECT session_token FROM users WHERE id = ?"
        rows = execute(self.url, sql, session.get("user_id"))
        return rows[0][0] if rows else NO_USER

    def tokens(self) -> dict[str, str]:
        if not self.has_tokens():
            return {}
        return dict(execute(self.url, "SELECT name, session_token FROM users ORDER BY id"))

    def has_tokens(self) -> bool:
        return "session_token" in columns(self.url)


def session_in(cookie: str) -> dict | None:
    """What a Cookie or Set-Cookie header holds, if we signed it."""
    try:
        return signer().loads(cookie.partition(";")[0].partition("=")[2])
    except BadData:
        return None


class TokenNames:
    """Names for tokens, in the order in which they are first seen; "-" where there is none."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def __call__(self, token: str | None) -> str:
        if token is None or token in (NO_COLUMN, NO_USER):
            return "-"
        return self.names.setdefault(token, f"token-{len(self.names) + 1}")

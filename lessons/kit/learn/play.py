"""Plays the article's story on a step, or on the learner's own app."""

from dataclasses import asdict
from pathlib import Path

from ..proof.processes import ProcessError, call_apart
from ..stage.events import NO_COLUMN, NO_COOKIE, NO_ROW, NO_STAMP, NO_USER, Event
from ..stage.story import tell_story
from . import screen

SECONDS = 20


def story_of(folder: Path) -> list[Event]:
    """The story's requests, played in a separate process: the app may be a learner's.

    Raises ProcessError if the app cannot play it, and TimeoutError.
    """
    try:
        events = call_apart(events_as_dicts, folder, timeout=SECONDS)
    except ProcessError as error:
        raise ProcessError(f"The app cannot play this: {error}") from error
    return [event for event in (Event(**fields) for fields in events) if not event.is_theft]


def events_as_dicts(folder: Path) -> list[dict]:
    return [asdict(event) for event in tell_story(folder)]


def play(title: str, folder: Path) -> None:
    """The story as a table: one line for each request."""
    screen.say(title, "bold")
    screen.say("The thief holds a copy of the cookie in Alice's laptop.\n")
    headings = ["", "Browser", "Request", "Cookie's stamp", "Database's token", "Verdict"]
    rows = [[str(number), *as_row(event)] for number, event in enumerate(story_of(folder), 1)]
    screen.table(headings, rows)


def as_row(event: Event) -> list[str]:
    token = "-" if event.sent is None else short(event.token)
    who = event.browser.capitalize().replace("_", "'s ")
    return [who, event.does, short(sent_stamp(event.sent)), token, verdict(event)]


def sent_stamp(session: dict | None) -> str | None:
    if session is None:
        return NO_COOKIE
    return session.get("session_token", NO_ROW if "session_id" in session else NO_STAMP)


def short(token: str | None) -> str:
    """The beginning of a token. The words for a missing token stay whole."""
    if token in (NO_COLUMN, NO_COOKIE, NO_ROW, NO_STAMP, NO_USER):
        return token
    return f"{token[:6]}..." if isinstance(token, str) and token else "empty"


def verdict(event: Event) -> str:
    """What the answer means to the sender."""
    logged_out = event.sent is not None and event.does.startswith("POST")
    if event.status == 303 and event.location.startswith("/login?"):
        return "out: session expired"
    if event.status == 303 and event.location == "/login":
        return "done, logged out" if logged_out else "out: not signed in"
    if event.status == 303:
        return "signed in" if event.does == "POST /login" else "done"
    return "let in" if event.status == 200 else event.answer

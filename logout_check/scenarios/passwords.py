"""A new password: which sessions end, and which must not."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from ..browser import Browser, Prepared
from ..play import Play
from ..verdicts import NoAnswer
from ..webapp import Answer
from .registry import scenario

NEW = ("gives Alice a new password, and puts the old one back",)
MOMENTS = (0.0, 0.5, 0.75, 0.9)  # of the time that a change takes
FEWEST, MOST = 8, 16  # tries


@scenario(
    4,
    "A new password ends the other sessions",
    needs=("password",),
    changes=NEW,
    suffers="The user who changes a stolen password leaves the thief in.",
    mend="Change the user's session token with the password, or delete the other session rows.",
    asvs=("7.4.3",),
    wstg=("WSTG-ATHN-09", "WSTG-SESS-06"),
)
def the_other_device(play: Play):
    """Alice is in on two devices. She changes her password on the laptop. The phone must be out,
    and the new password must sign in."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    play.change_password(laptop)
    play.must_be_out(phone, after="Alice changed her password on the laptop")


@scenario(
    5,
    "A new password keeps the session in which it was changed",
    needs=("password",),
    changes=NEW,
    suffers="The user does the right thing, and is logged out for it.",
    mend="Sign this browser in again with the new token, in the answer to the form.",
    wstg=("WSTG-ATHN-09",),
)
def this_device(play: Play):
    """Alice changes her password on the laptop, and goes on working there: she must be in. A
    bearer app must give it a new token in its answer, or leave the old one valid."""
    laptop = play.signed_in("Alice's laptop")
    play.change_password(laptop)
    play.must_be_in(laptop, after="Alice changed her password on it")


@scenario(
    7,
    "A copied cookie no longer works after a new password",
    needs=("password",),
    changes=NEW,
    suffers="The thief with a copy of this browser's cookie stays in.",
    mend="Give this browser a new session too; do not leave its old one valid.",
    asvs=("7.4.3", "7.2.4"),
    wstg=("WSTG-ATHN-09", "WSTG-SESS-06"),
)
def the_copy(play: Play):
    """A thief holds a copy of the laptop's cookie. Alice changes her password on the laptop. The
    copy must be out."""
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    play.change_password(laptop)
    play.must_be_out(copy, after="Alice changed her password on the laptop")


@scenario(
    11,
    "A password that is changed in SQL ends the sessions",
    needs=("operator.password_sql", "operator.undo.password_sql"),
    changes=(
        "changes Alice's password in the database by the operator's command, and puts it back",
    ),
    suffers=(
        "An import, a script or a colleague at the console changes a password, and the thief "
        "stays in."
    ),
    mend=(
        "Derive the stamp from the password's hash, or let a trigger in the database change the "
        "token."
    ),
    asvs=("7.4.3",),
    wstg=("WSTG-SESS-06",),
)
def in_sql(play: Play):
    """Alice is in. The operator changes her password's hash in the database, without the app. Her
    laptop and a copy must be out."""
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    play.note_who_is_in()
    play.operator_then_back("password_sql")
    play.must_be_out(laptop, copy, after="the password was changed in SQL")


@scenario(
    13,
    "A login that races a new password gets no valid session",
    needs=("password",),
    changes=(*NEW, f"signs in some {FEWEST} times with the old one meanwhile"),
    suffers="A thief who signs in with the old password in the right second is in for good.",
    mend=(
        "Read the user once at login: check the password and take the token from that same row. "
        "With session rows, copy the user's token into the row."
    ),
    asvs=("7.4.3", "15.4.2"),
    wstg=("WSTG-ATHN-09",),
)
def the_race(play: Play):
    """While Alice's password is being changed, somebody signs in with the old one, a little
    earlier or later each time. These sessions must have ended when the change is done."""
    tries, accepted, takes = 0, 0, None
    while tries < FEWEST or (tries < MOST and not accepted):
        good, thieves, takes = race(play, takes)
        play.signed_in("Alice, with the new password")
        tries += len(thieves)
        for thief, answer in thieves:
            accepted += answer is not None and alike(answer, good)
            inside = play.is_let_in(thief)
            play.require(not inside, f"{thief.who} had the old password, and is in after it.")
    if not accepted:
        play.untold(f"In {tries} tries no login with the old password came before the change.")
    return f"in {tries} tries, {accepted} of which the login let in"


def alike(answer: Answer, good: Answer) -> bool:
    """Whether a login was answered as one that lets in."""
    return (answer.status, answer.location) == (good.status, good.location)


Logins = list[tuple[Browser, Answer | None]]


def race(play: Play, takes: float | None) -> tuple[Answer, Logins, float]:
    """One change of the password, and logins with the old one at their moments within it.

    `takes` is how many seconds the change before took. The first time it is guessed to be twice
    a login. Returns the answer to a good login, those browsers with what they were answered, and
    how long this change took.
    """
    laptop = play.browser("Alice's laptop")
    good = play.sign_in(laptop, play.alice)
    takes = takes or 2 * (good.ended - good.began)
    thieves = [play.browser(f"thief {number}") for number in range(1, len(MOMENTS) + 1)]
    forms = [play.login_request(thief, play.alice.words()) for thief in thieves]
    new = play.new_password()
    change = play.prepared("password", laptop, new_password=new)
    with ThreadPoolExecutor(len(thieves)) as pool:
        logins = [
            pool.submit(late_login, play, thief, form, min(takes, 2.0) * moment)
            for thief, form, moment in zip(thieves, forms, MOMENTS, strict=True)
        ]
        changed = play.send_new_password(laptop, change, new)
    answers = [(thief, login.result()) for thief, login in zip(thieves, logins, strict=True)]
    return good, answers, changed.ended - changed.began


def late_login(play: Play, thief: Browser, form: Prepared, wait: float) -> Answer | None:
    time.sleep(wait)
    with suppress(NoAnswer):
        return play.send_login(thief, form, play.alice)
    return None


@scenario(
    40,
    "A stronger password hash at login ends nobody's other sessions",
    needs=("operator.stronger_hash",),
    changes=("makes the app hash passwords more strongly, by the operator's command",),
    suffers=(
        "After an upgrade each login logs out the user's other devices, for no reason that the "
        "user can see."
    ),
    mend="Re-hash with an UPDATE that names the old hash, and leave the token alone.",
    wstg=("WSTG-SESS-06",),
)
def a_stronger_hash(play: Play):
    """Alice is in on her laptop. The operator makes the app hash passwords more strongly, and she
    signs in on her phone, which re-hashes hers. Both must be in."""
    laptop = play.signed_in("Alice's laptop")
    play.operator_then_back("stronger_hash")
    if not play.is_in(laptop):
        play.untold("The operator's command itself has put the laptop out.")
    phone = play.signed_in("Alice's phone")
    play.must_be_in(laptop, phone, after="the phone signed in with a stronger hash")

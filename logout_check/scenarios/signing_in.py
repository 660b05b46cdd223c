"""Signing in: what a login must begin, and what it must not give away."""

import secrets
from dataclasses import replace
from itertools import product

from ..browser import Browser
from ..config import Person
from ..cookies import Cookie, Jar
from ..play import Play
from ..webapp import Answer
from .registry import scenario

TRIES, ROUNDS = 3, 2  # wrong passwords for Bob's account: many apps lock one at ten
NOTHING = 0.0001  # seconds
ALIKE = 0.6, 1.7  # the one time divided by the other
TOO_QUICK = 0.005  # seconds, below which noise hides the difference
SURELY = 0.9  # of all pairs of tries: in so many the same side must be the slower one, clearly
CLEARLY = 1.2  # times as long


@scenario(
    1,
    "Two devices and Bob sign in, and stay in",
    suffers="A login logs out the user's other device, or somebody else.",
    mend="Begin a new session at each login, and end none.",
    asvs=("7.1.2",),
    wstg=("WSTG-SESS-11",),
)
def two_devices(play: Play):
    """Alice signs in on her laptop and on her phone, and Bob on his. All three must be in on the
    pages after that. (An app that allows one session only breaks this on purpose: expect it.)"""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    bob = play.signed_in("Bob's laptop", play.bob)
    play.must_be_in(laptop, phone, bob, after="all three signed in")


@scenario(
    15,
    "An unknown name takes as long as a wrong password",
    changes=(f"tries up to {TRIES * ROUNDS} wrong passwords on Bob's account",),
    suffers="Anybody can find out who has an account, with a stopwatch.",
    mend="Check the password against a fixed hash of the same cost when there is no such account.",
    asvs=("6.3.8",),
    wstg=("WSTG-IDNT-04",),
)
def the_stopwatch(play: Play):
    """Somebody signs in, in turns, with Bob's name and a wrong password, and with an unknown
    name. Both must take about equally long, and get the same status. The time of a page without
    a login is subtracted from both. They are told apart if one of the two is clearly slower in
    nearly all pairs of tries: what a few quick or slow answers show may be noise, and nothing
    is told. Then Bob signs in with his own password: if he is refused, the login limits tries,
    and nothing is told."""
    known: list[Answer] = []
    unknown: list[Answer] = []
    floor = min(times([play.look(play.browser("somebody")) for _ in range(TRIES)]))
    for _ in range(ROUNDS):  # what another program's noise told apart is measured once more
        for _ in range(TRIES):
            known.append(wrong_login(play, play.bob.login))
            unknown.append(wrong_login(play, nobody(play.bob.login)))
        require_no_limit(play, known + unknown)
        require_one_status(play, known, unknown)
        slow, quick = (max(min(times(side)) - floor, NOTHING) for side in (known, unknown))
        shown = f"unknown name {quick * 1000:.0f} ms, wrong password {slow * 1000:.0f} ms"
        if max(slow, quick) < TOO_QUICK:
            play.untold(f"Both are too quick to be compared ({shown}).")
        alike = ALIKE[0] < quick / slow < ALIKE[1]
        if alike:
            break
    if not alike and not differ(times(known), times(unknown)):
        play.untold(f"They differ in some tries only, which may be noise: {shown}, the quickest.")
    play.require(alike, f"They can be told apart: {shown}.")
    return f"{shown}, the quickest of {len(known)}"


def times(answers: list[Answer]) -> list[float]:
    return [answer.ended - answer.began for answer in answers]


def differ(these: list[float], those: list[float]) -> bool:
    """Whether one side took clearly longer in nearly all pairs. The slowest of each side does not
    count: any machine has a slow moment."""
    pairs = list(product(sorted(these)[:-1], sorted(those)[:-1]))
    slower = sum(this > CLEARLY * that for this, that in pairs)
    quicker = sum(that > CLEARLY * this for this, that in pairs)
    return max(slower, quicker) >= SURELY * len(pairs)


def require_no_limit(play: Play, answers: list[Answer]) -> None:
    """A login that refuses for the number of tries checks no password: that is quick for all."""
    if any(answer.status == 429 for answer in answers):
        play.untold("The login answers 429: too many tries. Wait, or raise its limit.")
    bob = play.browser("Bob, with the right password")
    play.try_to_sign_in(bob, play.bob)
    if not play.is_let_in(bob):
        play.untold(
            f"After {len(answers)} wrong tries the login refuses Bob's right password too: it "
            "limits tries. Wait, or raise its limit."
        )
    play.bobs_browser = bob  # where only the newest session lives, this one does


def require_one_status(play: Play, known: list[Answer], unknown: list[Answer]) -> None:
    one, other = ({answer.status for answer in answers} for answers in (known, unknown))
    play.require(
        one == other,
        f"A wrong password is answered with {said(one)}, an unknown name with {said(other)}.",
    )


def said(statuses: set[int]) -> str:
    return " or ".join(map(str, sorted(statuses)))


def nobody(like: str) -> str:
    """A login that nobody has, of the same kind."""
    host = like.partition("@")[2]
    return f"nobody-{secrets.token_hex(4)}" + (f"@{host}" if host else "")


def wrong_login(play: Play, login: str) -> Answer:
    somebody = Person(login, f"wrong {secrets.token_hex(8)}", "nobody")
    return play.try_to_sign_in(play.browser("somebody"), somebody)


@scenario(
    16,
    "Odd passwords, names and cookies never give a 500",
    changes=("tries 3 odd passwords on Bob's account", "tries an odd new password for Alice"),
    suffers=("A page of errors. If only a known name gives one, it reveals who has an account."),
    mend=(
        "Treat input that the hash or the database cannot take as a wrong password; read cookies "
        "as bytes that anybody can send."
    ),
    asvs=("16.5.3",),
    wstg=("WSTG-ERRH-01",),
    of_cookies=True,
)
def odd_input(play: Play):
    """Somebody signs in with a NUL in the password, with more than 72 bytes, with text that is not
    UTF-8, and asks for a page with broken cookies. No answer may be a 500 or let them in."""
    laptop = play.signed_in("Alice's laptop")
    for what, login, password in odd_logins(play.bob.login):
        browser = play.browser("somebody")
        answer = play.try_to_sign_in(browser, Person(login, password, "somebody"))
        play.require(answer.status < 500, f"{what} at the login: {answer.came}.")
        play.require(not play.is_let_in(browser), f"{what} signs in.")
    bad_bytes(play)
    for cookie in [] if play.app.is_bearer else play.session_cookies(laptop):
        for value in ("", "x", '"', "a.b.c", "%00%ff", "\u00e9", cookie.value[:-3]):
            odd_cookie(play, cookie.name, value)
        only_names(play, cookie.name)
    if "password" in play.app.actions:
        odd_new_password(play, laptop)


def odd_logins(login: str) -> list[tuple[str, str, str]]:
    return [
        ("A NUL in the password", login, "\0" + secrets.token_hex(8)),
        ("A password of 100 bytes", login, "long" * 25),
        ("An empty password", login, ""),
        ("A NUL in the name", nobody(login).replace("-", "\0"), "some password"),
        ("A name of 5000 letters", "n" * 5000 + nobody(login), "some password"),
        ("A quote in the name", "'\"" + nobody(login), "some password"),
    ]


def bad_bytes(play: Play) -> None:
    browser = play.browser("somebody")
    words = Person(nobody(play.bob.login), "some password", "somebody").words()
    request = play.login_request(browser, words, remember=False)
    if request.body and b"some+password" in request.body:
        request = replace(request, body=request.body.replace(b"some+password", b"%ff%fe"))
        answer = browser.send(request)
        play.require(answer.status < 500, f"A password that is no UTF-8: {answer.came}.")


def odd_cookie(play: Play, name: str, value: str) -> None:
    browser = play.browser("an odd cookie")
    browser.jar = Jar([Cookie(name, value, "/", {})])
    answer = play.look(browser)
    play.require(
        answer.status < 500, f"The cookie {name} with the value {value[:12]!r}…: {answer.came}."
    )
    play.require(not play.shows_it(answer, play.alice), f"A broken cookie {name} is let in.")


def only_names(play: Play, name: str) -> None:
    answer = play.look(play.browser("an odd cookie"), Cookie=f"{name}; {name}")
    play.require(answer.status < 500, f"{name}, twice and without a value: {answer.came}.")


def odd_new_password(play: Play, laptop: Browser) -> None:
    """The app may take it: then it is Alice's until the end."""
    play.keep_password()
    new = play.site.hide("Aa1-" + "long" * 25)
    answer = laptop.send(play.prepared("password", laptop, new_password=new))
    again = play.browser("Alice, again")
    play.try_to_sign_in(again, play.alice)
    if not play.is_let_in(again):
        play.alice.password = new
    play.require(answer.status < 500, f"A new password of 104 bytes: {answer.came}.")


@scenario(
    17,
    "A cookie from before the login is not valid after it",
    suffers="Somebody who plants a cookie in a browser, and waits for a login there, is in too.",
    mend="Make a new session at each login; do not keep an id that the browser sent.",
    asvs=("7.2.4",),
    wstg=("WSTG-SESS-03",),
    of_cookies=True,
)
def fixation(play: Play):
    """The login page gives a browser a cookie. Another browser gets a cookie with a value that we
    made up. Alice signs in with each. A copy of the earlier cookie must not be in."""
    names = [cookie.name for cookie in play.session_cookies(play.signed_in("Alice's laptop"))]
    visitor = play.browser("Alice's browser")
    visitor.follow(play.app.actions["login"].page or play.app.actions["login"].url)
    planted = play.browser("Alice's other browser")
    planted.jar = Jar([Cookie(name, "planted0123456789abcdef", "/", {}) for name in names])
    for browser in (visitor, planted):
        before = browser.copy("the one from before")
        play.sign_in(browser, play.alice)
        before.person = play.alice
        play.require(
            not play.is_let_in(before),
            f"What {browser.who} held before the login is in after it.",
        )


@scenario(
    18,
    "A second user in the same browser inherits nothing",
    suffers=(
        "On a shared computer Bob signs in and works in Alice's account, or sees what she left."
    ),
    mend=(
        "Clear the whole session when somebody signs in and when they log out; log the first "
        "user out when a second signs in."
    ),
    asvs=("7.2.4",),
    wstg=("WSTG-SESS-08",),
)
def the_second_user(play: Play):
    """Alice is in, and forgets to log out. Bob signs in in the same browser. The page must be
    Bob's and not Alice's. If the file has a [leftover], Alice first leaves something in her
    session, such as a thing in a basket. Bob must not see it."""
    browser = play.signed_in("the shared browser")
    play.must_show(browser, play.alice)
    mark = leave_something(play, browser)
    play.try_to_sign_in(browser, play.bob)
    shown = play.who_is_shown(play.look(browser))
    play.require(shown == {play.bob.login}, f"Bob signed in, and {whose(play, shown)} is shown.")
    if mark:
        page = play.app.actions["leftover"].page or play.app.get("in.url")
        text = browser.copy(browser.who).get(page).text
        play.require(mark not in text, "Bob is shown what Alice left in the session.")
        return "with what Alice left in it"
    return "the file describes nothing that could be left"


def leave_something(play: Play, browser: Browser) -> str:
    if "leftover" not in play.app.actions:
        return ""
    mark = f"left{secrets.token_hex(4)}"
    play.do("leftover", browser, new_name=mark)
    page = play.app.actions["leftover"].page or play.app.get("in.url")
    if mark not in browser.copy(browser.who).get(page).text:
        play.untold(f"What leftover leaves is not shown on {page}.")
    return mark


def whose(play: Play, shown: set[str]) -> str:
    names = [person.name for person in play.app.people.values() if person.login in shown]
    return f"{' and '.join(names)}'s page" if names else "a page of neither"

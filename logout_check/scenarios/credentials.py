"""What else lets somebody in: it must end with the sessions."""

import time
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from ..browser import Browser, value_in
from ..config import Action
from ..play import Play
from ..verdicts import Broken, CouldNotTell, RedirectLoop
from ..webapp import Answer
from .registry import ENDS, KILL, scenario

MAIL_SECONDS = 10


@scenario(
    26,
    "A copied remember-me cookie ends with the sessions",
    needs=(KILL, "remember"),
    changes=ENDS,
    suffers="The thief's browser is logged out, and is signed in again a moment later.",
    mend=(
        "Put the same token into the remember cookie, or delete its rows in the code that ends "
        "the sessions."
    ),
    asvs=("7.4.1",),
    wstg=("WSTG-ATHN-05", "WSTG-SESS-06"),
    of_cookies=True,
)
def remember_me(play: Play):
    """Alice signs in with "remember me", closes her browser and comes back: she is in. A thief
    copies what she holds then. She logs out everywhere, and the copy must be out."""
    laptop = play.remembered("Alice's laptop")
    copy = play.copy(laptop)
    after = play.end_everywhere(laptop)
    play.must_be_out(copy, after=after)


@scenario(
    33,
    "A remembered browser whose session has ended gets no redirect loop",
    needs=(KILL, "remember"),
    changes=ENDS,
    suffers='The browser says "too many redirects", and the user cannot even sign in again.',
    mend="Where the check refuses, clear the remember cookie too.",
    wstg=("WSTG-ATHN-05",),
    of_cookies=True,
)
def no_redirect_loop(play: Play):
    """Alice's browser is remembered. Her sessions are ended. It follows the app's redirects: they
    must end, and she must be able to sign in again in this browser."""
    laptop = play.signed_in("Alice's laptop", remember=True)
    play.end_everywhere(laptop)
    try:
        laptop.follow(play.app.get("in.url"))
    except RedirectLoop as error:
        raise Broken(str(error)) from error
    play.try_to_sign_in(laptop, play.alice)
    play.must_be_in(laptop, after="its sessions were ended and Alice signed in again in it")


@scenario(
    29,
    "A reset link from before the end no longer works after it",
    needs=(KILL, "reset", "reset_use", "operator.reset_link"),
    changes=(*ENDS, "gives Alice new passwords by reset links, and puts the old one back"),
    suffers="Somebody who reads the user's mail can still get in after all sessions have ended.",
    mend=(
        "Put a digest of the user's token into the signed link, and compare it when the link is "
        "used. Or delete the user's links in the code that ends the sessions."
    ),
    asvs=("7.4.1", "6.4.3"),
    wstg=("WSTG-ATHN-09",),
)
def a_reset_link(play: Play):
    """A reset link is asked for and used, to see that it works. Alice signs in, and a second one is
    asked for. She logs out everywhere; then the link must give nobody a new password. (The login
    comes first, because with some frameworks a login ends the links too.)"""
    play.keep_password()
    if not use_reset_link(play, ask_for_reset_link(play)):
        play.untold("A fresh reset link does not give Alice a new password.")
    laptop = play.signed_in("Alice's laptop")
    link = ask_for_reset_link(play)
    after = play.end_everywhere(laptop)
    play.require(not use_reset_link(play, link), f"The reset link still works after {after}.")


def ask_for_reset_link(play: Play) -> str:
    """What the operator's command prints: Alice's link without its host, or the token in it.

    The mail may take some seconds. Until then the command prints an earlier link, or fails.
    """
    earlier = mailed_link(play)
    play.do("reset", play.browser("somebody"))
    until = time.monotonic() + MAIL_SECONDS
    while mailed_link(play) in ("", earlier) and time.monotonic() < until:
        time.sleep(0.5)
    link = play.operator.run("reset_link")
    if not link:
        play.untold("operator.reset_link prints nothing.")
    return play.site.hide(without_host(link.splitlines()[-1].strip()))


def mailed_link(play: Play) -> str:
    with suppress(CouldNotTell):
        return play.operator.run("reset_link")
    return ""


def use_reset_link(play: Play, link: str) -> bool:
    """Try to give Alice a new password by the link. Whether she can sign in with it."""
    browser, new = play.browser("the link's holder"), play.new_password()
    words = {**play.alice.words(), "new_password": new, "link": link}
    action = play.app.actions["reset_use"]
    if not action.url and not action.page:
        action = at_the_end_of(play, browser, link, action)
    request = browser.prepare(action, words)
    if not action.url:
        play.site.hide(request.path)
    browser.send(request)
    again, old = play.browser("Alice, with the link's password"), play.alice.password
    play.alice.password = new
    play.try_to_sign_in(again, play.alice)
    if play.is_let_in(again):
        return True
    play.alice.password = old
    return False


def at_the_end_of(play: Play, browser: Browser, link: str, action: Action) -> Action:
    """The form on the page to which the link leads."""
    page = browser.follow(link)[-1].path
    play.site.hide(page)
    return replace(action, page=page)


def without_host(link: str) -> str:
    """The mailed link has the app's public name; we request it at the address in the file."""
    parts = urlsplit(link)
    return urlunsplit(("", "", parts.path, parts.query, "")) if parts.scheme else link


@scenario(
    30,
    "An API token from before the end no longer works after it",
    needs=(KILL, "api_token", "api"),
    changes=(*ENDS, "makes an API token for Alice"),
    suffers="A thief who made an API token in the stolen session keeps the account.",
    mend=(
        "Delete or re-stamp API tokens in the code that ends the sessions; or say at the "
        "button that they stay valid."
    ),
    asvs=("7.4.1", "7.4.3"),
    wstg=("WSTG-SESS-06",),
)
def an_api_token(play: Play):
    """Alice gets an API token and uses it. She logs out everywhere. The token must be refused."""
    laptop = play.signed_in("Alice's laptop")
    token = new_api_token(play, laptop)
    if use_api(play, token).status >= 400:
        play.untold("A fresh API token is not let in.")
    after = play.end_everywhere(laptop)
    status = use_api(play, token).status
    play.require(status >= 300, f"The API token is still let in after {after} ({status}).")


def new_api_token(play: Play, laptop: Browser) -> str:
    answer = play.do("api_token", laptop)
    token = value_in(answer.json, play.app.actions["api_token"].token or "token")
    if not isinstance(token, str):
        play.untold("The answer to api_token holds no token where api_token.token says.")
    return play.site.hide(token)


def use_api(play: Play, token: str) -> Answer:
    """Ask for `api` with the token and nothing else."""
    program, api = play.browser("a program"), play.app.actions["api"]
    if not api.headers:
        api = replace(api, headers={"Authorization": "Bearer {token}"})
    words = {**play.alice.words(), "token": token}
    return program.send(program.prepare(api, words))

"""What the check does to requests of other kinds: programs, forms, public pages, other origins."""

import secrets

from ..play import Play
from ..verdicts import NotOffered
from .registry import ENDS, KILL, scenario


@scenario(
    20,
    "A JSON client gets 401, not a redirect",
    suffers=(
        "A program follows the redirect, takes the login page for its data, and fails far from "
        "the cause."
    ),
    mend="Answer 401 where Accept names application/json, and 303 to the login page elsewhere.",
    wstg=("WSTG-ATHN-04",),
)
def json_clients(play: Play):
    """A program asks for the page with Accept: application/json, without a session. If the file
    says how to end one, it also asks with an ended session. Both must be answered with 401."""
    if play.look(play.browser("a stranger")).status < 300:
        raise NotOffered("in.url opens for strangers too: nobody is refused there.")
    answers = [("no session", play.look(play.browser("a program"), Accept="application/json"))]
    if any(play.app.offers(key) for key in KILL.split(" | ")):
        laptop = play.signed_in("Alice's laptop")
        play.end_everywhere(laptop)
        answers.append(("an ended session", play.look(laptop, Accept="application/json")))
    for what, answer in answers:
        play.require(answer.status == 401, f"With {what} the answer is {answer.came}.")


@scenario(
    34,
    "CORS preflights are answered, and a refusal can be read",
    needs=("cors",),
    suffers="The front end on another origin sees a network error where it should ask for a login.",
    mend="Let OPTIONS pass before the check, and put the CORS headers on refusals too.",
    asvs=("3.5.2",),
    wstg=("WSTG-CLNT-07",),
)
def preflights(play: Play):
    """A browser asks with OPTIONS, without a cookie, whether another origin may ask. The answer
    must be a 2xx. The refusal of a request without a session must have CORS headers."""
    url, origin = play.app.get("cors.url"), play.app.get("cors.origin")
    asked = play.ask(
        play.browser("a preflight"),
        "OPTIONS",
        url,
        **{"Origin": origin, "Access-Control-Request-Method": "GET"},
    )
    play.require(asked.status < 300, f"The preflight is answered with {asked.came}.")
    refused = play.ask(play.browser("the front end"), "GET", url, Origin=origin)
    for what, answer in (("preflight's answer", asked), ("refusal", refused)):
        allowed = answer.headers.get("access-control-allow-origin")
        play.require(allowed in ("*", origin), f"The {what} names no allowed origin.")


@scenario(
    35,
    "Public pages stay open for a browser with an ended session",
    needs=(KILL,),
    changes=ENDS,
    suffers="Somebody who was logged out cannot read the home page, nor reset the password.",
    mend=(
        "Let the check refuse only where a session is needed; elsewhere treat an ended session "
        "as none."
    ),
    wstg=("WSTG-SESS-06",),
)
def public_pages(play: Play):
    """Public pages are opened by a stranger, and then with the cookie of a session that has
    ended. They must open for both. The public pages are the login page, if there is one, and the
    urls of the file's [public]."""
    urls = [*play.app.get("public.urls", []), *login_page(play)]
    if not urls:
        raise NotOffered("The file has no public, and its login is no page.")
    laptop = play.signed_in("Alice's laptop")
    for url in urls:
        if play.ask(play.browser("a stranger"), "GET", url).status >= 300:
            play.untold(f"public.urls: {url} does not open for a stranger.")
    after = play.end_everywhere(laptop)
    play.must_be_out(laptop, after=after)
    for url in urls:
        answer = play.ask(laptop.copy("the ended session"), "GET", url)
        play.require(answer.status < 300, f"With an ended session {url} answers {answer.came}.")


def login_page(play: Play) -> list[str]:
    """Where there is one: some logins take a form and show none."""
    login = play.app.actions["login"]
    url = login.page or login.url
    if login.json is not None or play.ask(play.browser("a stranger"), "GET", url).status == 405:
        return []
    return [url]


@scenario(
    38,
    "An ended session's form changes nothing",
    needs=(KILL, "profile"),
    changes=(*ENDS, "gives Alice another name, and puts hers back"),
    suffers='A thief who is "out" goes on writing: the page is refused, but the form is not.',
    mend="Check before every route, for every method; and before any hook that writes.",
    asvs=("7.4.1",),
    wstg=("WSTG-SESS-06",),
)
def a_dead_form(play: Play):
    """A thief has filled in Alice's profile form with a copy of her cookie. She logs out
    everywhere. Then the form is sent: Alice's name must be what it was."""
    laptop = play.signed_in("Alice's laptop")
    seen, evil = (f"{word} {secrets.token_hex(4)}" for word in ("Seen", "Evil"))
    play.change_name(laptop, seen)
    play.must_show_name(laptop, seen)
    copy = play.copy(laptop)
    form = play.prepared("profile", copy, new_name=evil)
    after = play.end_everywhere(laptop)
    play.alice.also.append(evil)
    copy.send(form)
    again = play.signed_in("Alice, again")
    play.require(
        not play.name_is_shown(again, evil),
        f"The form was sent after {after}, and changed the name.",
    )

"""The session's cookie: its flags, and cookies that pass for it."""

from ..play import Play
from .registry import scenario


@scenario(
    19,
    "The session's cookie is HttpOnly and SameSite",
    suffers="A script on the page reads the session, or another site's form uses it.",
    mend="Set HttpOnly and SameSite=Lax (or Strict) on the session's cookie.",
    asvs=("3.3.2", "3.3.4"),
    wstg=("WSTG-SESS-02",),
    of_cookies=True,
)
def flags(play: Play):
    """Alice signs in. Each cookie without which she would be out must be HttpOnly and SameSite."""
    laptop = play.signed_in("Alice's laptop")
    for cookie in play.session_cookies(laptop):
        play.require("httponly" in cookie.flags, f"{cookie.name} is not HttpOnly.")
        same = cookie.flags.get("samesite", "").lower()
        play.require(
            same in ("lax", "strict"), f"The cookie {cookie.name!r} has no SameSite=Lax or Strict."
        )


@scenario(
    28,
    "Over https the cookie is Secure and __Host-",
    needs=("app.https",),
    suffers="A page over http gives the session away; another host of the domain can plant one.",
    mend=(
        "If the request came over https, set Secure and call the cookie __Host-…, with Path=/ "
        "and no Domain."
    ),
    asvs=("3.3.1", "3.3.3"),
    wstg=("WSTG-SESS-02",),
    of_cookies=True,
)
def over_https(play: Play):
    """Alice signs in at the app's https address. The session's cookie must be Secure, and its
    name must begin with __Host-."""
    with play.over_https() as there:
        laptop = there.signed_in("Alice's laptop")
        for cookie in there.session_cookies(laptop):
            play.require("secure" in cookie.flags, f"{cookie.name} is not Secure.")
            play.require(cookie.name.startswith("__Host-"), f"{cookie.name} is not called __Host-.")


@scenario(
    36,
    "A second cookie of the same name does not become the session",
    suffers=(
        "Another host of the domain adds its own session cookie to the user's. Then the attacker's "
        "account gets what the user types, such as a card number."
    ),
    mend="Call the cookie __Host-…, and refuse a request that carries its name twice.",
    asvs=("3.3.3",),
    wstg=("WSTG-SESS-02", "WSTG-SESS-03"),
    of_cookies=True,
)
def a_doubled_name(play: Play):
    """Alice's browser sends its own session cookie and, before or after it, Bob's under the same
    name. A page of another host of the domain can plant such a cookie. The page must not be
    Bob's."""
    laptop, bob = play.signed_in("Alice's laptop"), play.signed_in("Bob's laptop", play.bob)
    play.must_show(laptop, play.alice)
    play.must_show(bob, play.bob)
    for name in [cookie.name for cookie in play.session_cookies(laptop)]:
        if name.startswith("__Host-"):
            play.judged += 1  # no other host can plant one: browsers see to that
            continue
        own, other = (f"{name}={one.jar.value_of(name)}" for one in (laptop, bob))
        rest = laptop.jar.without(name).header(play.app.get("in.url"))
        for pair in ([other, own], [own, other]):
            header = "; ".join([*pair, *([rest] if rest else [])])
            shown = play.who_is_shown(play.look(laptop, Cookie=header))
            play.require(
                play.bob.login not in shown,
                f"Sent with two cookies named {name!r}, the page is Bob's.",
            )


@scenario(
    37,
    "A session that is smuggled into another cookie's value lets nobody in",
    suffers=(
        "A host that may set some cookie of the domain, such as a colour theme, sets a session "
        "with it."
    ),
    mend=(
        "Split the Cookie header only at semicolons, as browsers join it; Python's own parser "
        "also splits elsewhere."
    ),
    asvs=("3.3.3",),
    wstg=("WSTG-SESS-02", "WSTG-SESS-03"),
    of_cookies=True,
)
def a_smuggled_cookie(play: Play):
    """The value of another cookie contains Bob's session, after a space, a comma or a quote.
    A browser that has only this cookie must not be in."""
    bob = play.signed_in("Bob's laptop", play.bob)
    stranger = play.browser("a stranger")
    stranger.person = play.bob
    for cookie in play.session_cookies(bob):
        value = f"{cookie.name}={cookie.value}"
        for smuggled in (f"theme=dark {value}", f"theme=dark,{value}", f'theme="dark {value}'):
            answer = play.look(stranger, Cookie=smuggled)
            inside = answer.status < 500 and play.shows_it(answer, play.bob)
            play.require(not inside, f"{cookie.name} is taken out of another cookie's value.")

"""Connections that stay open, and requests that are running, when a session ends."""

import time

from ..hail import hail
from ..play import Play
from ..streams import AFTER, GRACE, Stream
from ..websocket import is_let_in, is_open_after, opened
from .registry import ENDS, KILL, scenario


@scenario(
    24,
    "A streaming answer stops when its session ends",
    needs=(KILL, "stream"),
    changes=ENDS,
    suffers="The thief's open page goes on showing what happens in the account, for hours.",
    mend="Check the session again every few events, and close the stream when it has ended.",
    asvs=("7.4.1",),
    wstg=("WSTG-SESS-06",),
)
def a_stream(play: Play):
    """Alice's laptop and Bob's have a stream open, and events arrive in both. She logs out
    everywhere. A second later nothing more may arrive in hers, and his must go on."""
    laptop, bob = play.signed_in("Alice's laptop"), play.signed_in("Bob's laptop", play.bob)
    with Stream(play, laptop) as hers, Stream(play, bob) as his:
        hers.must_run()
        his.must_run()
        after = play.end_everywhere(laptop)
        ended = time.monotonic()
        late, others = hers.events_later(ended), his.events_later(ended)
    if not others:
        play.untold("In Bob's stream nothing arrives any more either.")
    play.require(not late, f"{late} events arrived from {GRACE:g} s to {AFTER:g} s after {after}.")


@scenario(
    31,
    "An ended session opens no new WebSocket",
    needs=(KILL, "websocket"),
    changes=ENDS,
    suffers="The pages are closed to the thief, but the socket, which shows the same, is open.",
    mend="Check the session where the socket is accepted: middleware for requests does not see it.",
    asvs=("4.4.3", "7.4.1"),
    wstg=("WSTG-CLNT-10",),
)
def a_new_websocket(play: Play):
    """Alice's laptop opens a WebSocket, to see that it can. She logs out everywhere. A copy of her
    cookie must not open one, and Bob must."""
    laptop, bob = play.signed_in("Alice's laptop"), play.signed_in("Bob's laptop", play.bob)
    copy = play.copy(laptop)
    if not is_let_in(play, laptop):
        play.untold("Alice's laptop, which is in, opens no WebSocket.")
    after = play.end_everywhere(laptop)
    play.require(not is_let_in(play, copy), f"{copy.who} opens a WebSocket after {after}.")
    if not is_let_in(play, bob):
        play.untold("Bob opens no WebSocket any more either.")


@scenario(
    32,
    "An open WebSocket is closed when its session ends",
    needs=(KILL, "websocket"),
    changes=ENDS,
    suffers="The thief's open socket goes on receiving, and sending, for as long as it stays up.",
    mend=(
        "Register sockets by user and close them where the sessions are ended; or check again "
        "every second."
    ),
    asvs=("7.4.1",),
    wstg=("WSTG-CLNT-10", "WSTG-SESS-06"),
)
def an_open_websocket(play: Play):
    """Alice's laptop and Bob's each have a WebSocket open. She logs out everywhere. Hers must be
    closed within two seconds, and his stay open."""
    laptop, bob = play.signed_in("Alice's laptop"), play.signed_in("Bob's laptop", play.bob)
    with opened(play, laptop) as hers, opened(play, bob) as his:
        if hers is None or his is None:
            play.untold("Alice and Bob, who are in, cannot both open a WebSocket.")
        after = play.end_everywhere(laptop)
        open_still = is_open_after(hers, AFTER)
        if not is_open_after(his, 0.05):
            play.untold("Bob's WebSocket is closed too.")
    play.require(not open_still, f"The WebSocket is open {AFTER:g} s after {after}.")


@scenario(
    39,
    "Of hundreds of requests none that began after the end is let in",
    needs=(KILL,),
    changes=(*ENDS, "sends some three hundred requests within seconds"),
    suffers=(
        'For a while after "you are logged out everywhere" a thief still gets answers from a '
        "cache, a replica or another worker."
    ),
    mend="Ask the primary, or make the end wait until each cache and replica has it.",
    asvs=("7.4.1", "15.4.2"),
    wstg=("WSTG-SESS-06",),
)
def a_hail_of_requests(play: Play):
    """Eight clients use a copy of Alice's cookie at once, without a pause, while she logs out
    everywhere. No request that began after the answer to that may be let in."""
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    play.note_who_is_in()
    seen = hail(play, laptop, copy)
    if not seen.let_in_before:
        play.untold("Before the end nobody was let in.")
    play.require(
        not seen.let_in_late,
        f"{seen.let_in_late} of {seen.late} requests that began after the end were let in, the "
        f"last one {seen.staleness * 1000:.0f} ms after it.",
    )
    return f"in {len(seen.answers)} tries, {seen.late} of them begun after the end"

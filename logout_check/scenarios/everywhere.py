"""Ending all sessions of one person, and nobody else's."""

from ..play import Play
from .registry import ENDS, KILL, scenario


@scenario(
    2,
    "Log out everywhere ends both devices and a copied cookie",
    needs=(KILL,),
    changes=ENDS,
    suffers=(
        "Somebody with the lost laptop, or with a copy of the cookie, goes on as the user. The "
        "user believes that every session has ended."
    ),
    mend=(
        "On each request compare something that the server can change: a random token of the "
        "user that is stamped into the session. Or keep a row for each session, and delete it."
    ),
    asvs=("7.4.1", "7.4.5", "7.5.2"),
    wstg=("WSTG-SESS-06",),
)
def everywhere_ends_every_session(play: Play):
    """Alice is in on her laptop and her phone, and a thief holds a copy of the laptop's cookie.
    She logs out everywhere. All three must be out on their next request, and Bob still in."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    copy = play.copy(laptop)
    after = play.end_everywhere(laptop)
    play.must_be_out(laptop, phone, copy, after=after)


@scenario(
    3,
    "Log out everywhere touches nobody else, and Alice can come back",
    needs=(KILL,),
    changes=ENDS,
    suffers="One user's button logs everybody out, or the user cannot sign in again.",
    mend=(
        "Give each user their own token or session rows, and read the new token at the next login."
    ),
    asvs=("7.4.5",),
    wstg=("WSTG-SESS-06",),
)
def nobody_else_is_touched(play: Play):
    """Alice is in on her laptop and her phone, Bob on his. She logs out everywhere, and her phone
    is out. Bob must be in, and Alice must be able to sign in again and stay in."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    bob = play.signed_in("Bob's laptop", play.bob)
    after = play.end_everywhere(laptop)
    play.must_be_in(bob, after=after)
    if play.is_in(phone):
        play.untold(f"{phone.who} is not out after {after}: that Bob is in proves nothing.")
    again = play.browser("Alice, again")
    play.try_to_sign_in(again, play.alice)
    play.must_be_in(again, after=f"{after} and signed in again")


@scenario(
    12,
    "A stale object that is saved after the end brings no session back",
    needs=(KILL, "operator.stale_save"),
    changes=ENDS,
    suffers=(
        "A profile form that was running brings the ended sessions back, and with some "
        "frameworks the old password."
    ),
    mend=("Write only the columns that changed, and change the token in its own statement."),
    asvs=("7.4.1", "15.4.2"),
    wstg=("WSTG-SESS-06",),
)
def a_stale_object(play: Play):
    """The operator's command loads Alice's user object, prints a line, and waits. Alice logs out
    everywhere: her phone is out. The command is given a line, and saves what it loaded. The laptop
    and a copy, which sent no request meanwhile, must be out."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    copy = play.copy(laptop)
    with play.operator.waiting("stale_save"):
        after = play.end_everywhere(laptop)
        if play.is_in(phone):
            play.untold(f"{phone.who} is still in after {after}, before anything was saved.")
    play.must_be_out(copy, laptop, after=f"{after}, and an object from before was saved")

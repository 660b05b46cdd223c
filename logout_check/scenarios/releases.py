"""What the operator does with the whole app."""

from ..play import Play
from .registry import KILL, scenario


@scenario(
    21,
    "The release that brings the mechanism logs nobody out, and a kill works from it on",
    needs=(KILL, "operator.deploy", "operator.undo.deploy"),
    changes=("takes the app back to the release before, and deploys it again",),
    suffers=(
        "Everybody signs in again at once on the day of the release; or the old sessions are "
        "taken over and can never be ended."
    ),
    mend="Take sessions of before over for a limited time, or let a NULL token mean: never ended.",
    asvs=("7.4.1",),
    wstg=("WSTG-SESS-06",),
)
def the_release(play: Play):
    """Alice is in on the release before. The operator deploys the new one. Her laptop must be in;
    then she logs out everywhere, and it must be out."""
    play.undo("deploy")
    play.put_back_later("the release", lambda: play.operator.run("deploy"))
    play.begin()
    laptop = play.signed_in("Alice's laptop")
    play.to_put_back.pop()
    play.operator.run("deploy")
    play.wait_for_the_app()
    play.must_be_in(laptop, after="the release")
    after = play.end_everywhere(laptop)
    play.must_be_out(laptop, after=f"the release, and then {after}")


@scenario(
    22,
    "A new signing key logs nobody out",
    needs=("operator.new_key",),
    changes=("restarts the app with a new key",),
    suffers="Because a new key would log everybody out, nobody dares to change it.",
    mend="Sign with the newest of a list of keys, and verify with each.",
    asvs=("11.1.1",),
    wstg=("WSTG-SESS-01",),
)
def a_new_key(play: Play):
    """Alice is in. The operator restarts the app with a new key, and the old one behind it. Her
    laptop must be in."""
    laptop = play.signed_in("Alice's laptop")
    play.operator_then_back("new_key")
    play.must_be_in(laptop, after="the restart with a new key")

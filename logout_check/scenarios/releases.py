"""What the operator does with the whole app."""

from ..play import Play
from .registry import KILL, scenario


@scenario(
    21,
    "The release that brings the mechanism logs nobody out, and can end sessions at once",
    needs=(KILL, "operator.deploy", "operator.undo.deploy"),
    changes=("puts the old release back, and then deploys the new one again",),
    suffers=(
        "Everybody has to sign in again on the day of the release; or the old sessions stay "
        "valid and can never be ended."
    ),
    mend=(
        "Let a NULL token mean: never ended. Let a login make no token, and end nothing if it "
        "hashes the password again."
    ),
    asvs=("7.4.1",),
    wstg=("WSTG-SESS-06",),
)
def the_release(play: Play):
    """Alice is in on the earlier release. The operator deploys the new one. Her laptop must be in.
    She signs in on her phone, with the password's hash from before, and both must be in. Then she
    logs out everywhere, and both must be out. (An app that allows one session gets no phone.)"""
    play.undo("deploy")
    play.put_back_later("the release", lambda: play.operator.run("deploy"))
    play.begin()
    tablet, laptop = play.signed_in("Alice's tablet"), play.signed_in("Alice's laptop")
    several = play.is_in(tablet)
    play.to_put_back.pop()
    play.operator.run("deploy")
    play.wait_for_the_app()
    play.must_be_in(laptop, after="the release")
    devices = [laptop]
    if several:
        devices.append(play.signed_in("Alice's phone"))
        play.must_be_in(*devices, after="the release, and then a login on the phone")
    after = play.end_everywhere(laptop)
    play.must_be_out(*devices, after=f"the release, and then {after}")


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
    """Alice is in. The operator restarts the app with a new key, and keeps the old one as the
    second. Her laptop must be in."""
    laptop = play.signed_in("Alice's laptop")
    play.operator_then_back("new_key")
    play.must_be_in(laptop, after="the restart with a new key")

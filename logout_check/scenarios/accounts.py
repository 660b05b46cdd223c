"""What happens to an account, and what must then happen to its sessions."""

import secrets

from ..play import Play
from .registry import scenario

SWITCHES = ("operator.deactivate", "operator.activate")
OFF = ("switches Alice's account off, and on again",)


@scenario(
    6,
    "A copied cookie no longer works after an ordinary logout",
    needs=("logout",),
    suffers="The user logs out on a shared computer, and a person who copied the cookie stays in.",
    mend=(
        "Keep sessions on the server, a row for each, and delete this one's row; clearing the "
        "cookie ends nothing."
    ),
    asvs=("7.4.1",),
    wstg=("WSTG-SESS-06",),
)
def logout(play: Play):
    """A thief holds a copy of the laptop's cookie. Alice logs out on the laptop, in the ordinary
    way. The copy must be out."""
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    play.note_who_is_in()
    play.do("logout", laptop)
    play.must_be_out(copy, after="Alice logged out on the laptop")


@scenario(
    8,
    "A deactivated user is logged out at the next request",
    needs=SWITCHES,
    changes=OFF,
    suffers="Somebody who has left the company goes on reading until the session's time is over.",
    mend=(
        "Check the account's state on each request, or end its sessions where it is switched off."
    ),
    asvs=("7.4.2",),
    wstg=("WSTG-SESS-06",),
)
def a_leaver(play: Play):
    """Alice is in on two devices. The operator deactivates her account. Both must be out."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    play.note_who_is_in()
    deactivate(play)
    play.must_be_out(laptop, phone, after="the account was deactivated")


def deactivate(play: Play) -> None:
    play.put_back_later("Alice's account", lambda: play.operator.run("activate"))
    play.operator.run("deactivate")


@scenario(
    9,
    "A deactivated user cannot sign in",
    needs=SWITCHES,
    changes=OFF,
    suffers="Somebody who has left the company signs in again.",
    mend="Refuse inactive users at the login, after the check of the password.",
    asvs=("7.4.2",),
    wstg=("WSTG-ATHN-04",),
)
def a_leaver_signs_in(play: Play):
    """Alice signs in, to see that she can. The operator deactivates her account. She signs in
    again: she must not be in."""
    play.signed_in("Alice's laptop")
    deactivate(play)
    again = play.browser("Alice, again")
    play.try_to_sign_in(again, play.alice)
    play.require(not play.is_let_in(again), "Alice signs in though her account is deactivated.")


@scenario(
    10,
    "A new role ends the sessions",
    needs=("operator.set_role",),
    changes=("gives Alice another role, and her own back if the file says how",),
    suffers=(
        "A session that was opened as a member, on a forgotten computer, becomes an "
        "administrator's."
    ),
    mend="Change the user's token together with the role, or delete the session rows.",
    asvs=("7.2.4", "8.3.2"),
    wstg=("WSTG-SESS-06",),
)
def a_new_role(play: Play):
    """Alice is in on two devices. The operator gives her another role. Both must be out."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    play.note_who_is_in()
    play.operator_then_back("set_role")
    play.must_be_out(laptop, phone, after="Alice's role was changed")


@scenario(
    14,
    "A profile edit keeps the sessions",
    needs=("profile",),
    changes=("gives Alice another name, and puts hers back",),
    suffers="A user who corrects a name is logged out everywhere.",
    mend="Change the token where the password, role or state changes, and nowhere else.",
    wstg=("WSTG-SESS-06",),
)
def a_profile_edit(play: Play):
    """Alice is in on two devices. She changes her name on the laptop. Both must be in, and the
    laptop must show the new name."""
    laptop, phone = play.signed_in("Alice's laptop"), play.signed_in("Alice's phone")
    new = f"Alice {secrets.token_hex(4)}"
    play.change_name(laptop, new)
    play.must_be_in(laptop, phone, after="Alice changed her name")
    play.must_show_name(laptop, new)


@scenario(
    25,
    "A reactivated user's old sessions stay ended",
    needs=SWITCHES,
    changes=OFF,
    suffers=(
        "An account is switched off because it was stolen, and on again when that is solved: the "
        "thief is back in."
    ),
    mend=(
        "End the sessions where the account is switched off; a check of `active` alone only "
        "hides them."
    ),
    asvs=("7.4.2",),
    wstg=("WSTG-SESS-06",),
)
def a_leaver_comes_back(play: Play):
    """Alice is in. The operator deactivates her account, and activates it again. The laptop and a
    copy must be out."""
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    play.note_who_is_in()
    deactivate(play)
    play.operator.run("activate")
    play.must_be_out(laptop, copy, after="the account was switched off and on")


@scenario(
    27,
    "A deleted user is logged out, without a 500",
    needs=("operator.delete", "operator.undo.delete"),
    changes=("deletes Alice's account, and makes it again",),
    suffers="A page of errors, or worse, a session that belongs to nobody and opens pages.",
    mend="Treat a session whose user is not found as no session.",
    asvs=("7.4.2",),
    wstg=("WSTG-SESS-06", "WSTG-ERRH-01"),
)
def a_deleted_user(play: Play):
    """Alice is in. The operator deletes her account. The laptop must be out, and not by a 500."""
    laptop = play.signed_in("Alice's laptop")
    play.note_who_is_in()
    play.operator_then_back("delete")
    answer = play.look(laptop)
    play.require(answer.status < 500, f"A deleted user's browser gets {answer.came}.")
    play.must_be_out(laptop, after="the account was deleted")

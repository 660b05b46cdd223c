"""Each promise can be broken: what it says about an order that no right app plays."""

import pytest

from lessons.kit.stage import promises
from lessons.kit.stage.deeds import ALL_DEEDS, RAW_PASSWORD, UNRECORDED
from lessons.kit.stage.people import digest_of
from lessons.kit.stage.promises import PROMISES, Aftermath, Happened, broken_promises
from lessons.kit.stage.world import BROKEN, DONE, LET_IN, REFUSED, TRY_AGAIN, Answer

DEEDS = {deed.name: deed for deed in ALL_DEEDS}
ALICE = {
    "name": "Alice",
    "email": "alice@example.com",
    "password_digest": "old",
    "role": "member",
    "active": True,
}


def did(name, verdict, began, ended, *shown, said=""):
    return Happened(DEEDS[name], Answer(verdict, said=said), began, ended, shown)


def after(*done, live="bob", audit=(), begun=None, **row):
    return Aftermath(
        list(done),
        {**ALICE, **row},
        ALICE,
        set(live.split()),
        begun or {},
        list(audit),
    )


END = did("end", DONE, 1, 4, 4)
END_AT_LAST = did("end", DONE, 5, 8, 8)
NOBODY_ENDED = "laptop phone bob"
BREAKS = {
    "nobody_sees_an_error": after(did("page", BROKEN, 1, 1), live=NOBODY_ENDED),
    "a_conflict_is_answered_with_the_truth": after(
        did("keep", TRY_AGAIN, 1, 9, 6, said="409 Conflict"), live=NOBODY_ENDED
    ),
    "no_ended_session_is_let_in": after(END, did("page", LET_IN, 5, 5), audit=["sessions ended"]),
    "no_new_session_outlives_a_later_end": after(
        did("login", DONE, 1, 4), END_AT_LAST, begun={"login": True}, audit=["sessions ended"]
    ),
    "nothing_is_written_after_the_end": after(
        did("name", DONE, 1, 6, 6), did("end", DONE, 2, 5, 5), name="Mallory", audit=["ended"]
    ),
    "a_kept_session_does_not_outlive_an_end": after(
        did("keep", DONE, 1, 9, 3),
        did("end", DONE, 4, 8, 8),
        begun={"keep": True},
        audit=["a", "b"],
    ),
    "no_old_password_has_a_live_session": after(
        did("login", DONE, 1, 9),
        did("password", DONE, 2, 8, 5),
        begun={"login": True, "password": True},
        audit=["password changed"],
        password_digest="new",
    ),
    "an_inactive_user_has_no_live_session": after(
        did("login", DONE, 1, 9),
        did("deactivate", DONE, 2, 5, 5),
        begun={"login": True},
        audit=["deactivated"],
        active=False,
    ),
    "no_other_user_is_logged_out": after(END, audit=["sessions ended"], live=""),
    "nobody_is_refused_without_a_reason": after(did("page", REFUSED, 1, 1), live=NOBODY_ENDED),
    "the_audit_has_each_end_once": after(END),
    "no_change_is_lost": after(did("name", DONE, 1, 4, 4), live=NOBODY_ENDED),
}


def test_every_promise_has_an_order_that_breaks_it():
    assert [promise.__name__ for promise in PROMISES] == list(BREAKS)


@pytest.mark.parametrize("name", BREAKS)
def test_only_that_promise_is_broken(name):
    (broken,) = broken_promises(BREAKS[name])
    assert [broken] == list(getattr(promises, name)(BREAKS[name]))


def test_an_end_that_is_seen_before_its_row_breaks_one_too():
    seen = after(did("look", LET_IN, 2, 2, said=UNRECORDED), END, audit=["sessions ended"])
    assert broken_promises(seen) == ["look saw an end before it was in the audit"]


@pytest.mark.parametrize("row", [{"active": True}, {"active": False}])
def test_of_two_changes_the_last_one_wins(row):
    done = [did("activate", DONE, 1, 4, 4), did("deactivate", DONE, 5, 8, 8)]
    found = broken_promises(after(*done, audit=["activated", "deactivated"], **row))
    assert found == (["deactivate came last, and Alice is active"] if row["active"] else [])


@pytest.mark.parametrize(("last", "count"), [("the app's", 1), ("the old one", 1), ("sql's", 0)])
def test_of_two_passwords_the_last_one_wins(last, count):
    digest = {"the old one": "old", "sql's": digest_of(RAW_PASSWORD)}.get(last, "new")
    done = [did("password", DONE, 1, 6, 3), did("sql", DONE, 7, 7, 7)]
    found = after(*done, audit=["password changed"], password_digest=digest)
    assert len(broken_promises(found)) == count


def test_a_right_order_breaks_none():
    done = [did("name", DONE, 1, 3, 3), did("end", DONE, 4, 7, 7)]
    assert broken_promises(after(*done, name="Mallory", audit=["sessions ended"])) == []

"""What must hold after every order of events. Each promise yields what broke it, in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .deeds import HERS, RAW_PASSWORD, UNRECORDED, Deed
from .people import ALICE, NEW_PASSWORD, digest_of
from .world import BROKEN, DONE, LET_IN, REFUSED, Answer


@dataclass(frozen=True)
class Happened:
    """A deed, its result, and when: its first and its last turn, and those that others saw.

    `shown` are the turns after which others could see what it had written.
    """

    deed: Deed
    answer: Answer
    began: int
    ended: int
    shown: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        return self.deed.name

    @property
    def succeeded(self) -> bool:
        return self.answer.verdict in (DONE, LET_IN)

    @property
    def ends(self) -> frozenset[str]:
        """The sessions that it has reported as ended."""
        return self.deed.ends if self.succeeded else frozenset()


@dataclass
class Aftermath:
    """All deeds of an order, and what is there afterwards."""

    done: list[Happened]
    alice: dict
    before: dict
    live: set[str]  # of the first sessions; `begun` those that deeds have begun
    begun: dict[str, bool] = field(default_factory=dict)
    audit: list[str] | None = None  # None: the app has none

    def others(self, one: Happened) -> list[Happened]:
        return [other for other in self.done if other is not one]


def broken_promises(outcome: Aftermath) -> list[str]:
    return [broken for promise in PROMISES for broken in promise(outcome)]


def nobody_sees_an_error(outcome: Aftermath) -> Iterator[str]:
    for one in outcome.done:
        if one.answer.verdict == BROKEN:
            yield f"{one.name} ended with an error: {one.answer.said}"


def a_conflict_is_answered_with_the_truth(outcome: Aftermath) -> Iterator[str]:
    """Who gets a 409 reads that nothing was changed."""
    for one in outcome.done:
        if one.answer.said.startswith("409") and one.shown:
            yield f"{one.name} said that nothing was changed, and something was"


def no_ended_session_is_let_in(outcome: Aftermath) -> Iterator[str]:
    """Nobody is let in whose request began after the end had been reported."""
    for end in outcome.done:
        for one in outcome.done:
            late = one.began > end.ended and one.deed.carries in end.ends
            if late and one.succeeded:
                yield f"{one.name} was let in after {end.name} had been reported"
        for name in sorted(end.ends & outcome.live):
            yield f"the {name}'s first session is live after {end.name}"


def no_new_session_outlives_a_later_end(outcome: Aftermath) -> Iterator[str]:
    for one in alive(outcome):
        for end in outcome.others(one):
            if end.ends >= HERS and end.began > one.ended:
                yield f"the session of {one.name} is live after {end.name}, which came later"


def alive(outcome: Aftermath) -> list[Happened]:
    """The deeds that have begun a session that is live."""
    return [one for one in outcome.done if outcome.begun.get(one.name)]


def nothing_is_written_after_the_end(outcome: Aftermath) -> Iterator[str]:
    """A session writes nothing once others could see its end."""
    for one in outcome.done:
        for end in outcome.others(one) if one.deed.writes and one.succeeded else ():
            if one.deed.carries in end.ends and end.shown and end.shown[0] < last_write(one):
                yield f"{one.name} was written by a session that {end.name} had ended"


def last_write(one: Happened) -> int:
    """Its turn. Who begins a session writes that one after everything else."""
    return (0, *one.shown)[1 if one.deed.begins and one.shown else -1]


def a_kept_session_does_not_outlive_an_end(outcome: Aftermath) -> Iterator[str]:
    """It descends from a session that has ended, whichever of the two was first."""
    for one in alive(outcome):
        for end in outcome.others(one):
            if one.deed.carries in end.ends and end.ends >= HERS:
                yield f"{one.name} has a live session though {end.name} ended the one it came with"


def no_old_password_has_a_live_session(outcome: Aftermath) -> Iterator[str]:
    changes = [one for one in outcome.done if one.deed.password and one.succeeded]
    for one in alive(outcome):
        if one.deed.typed == ALICE.password and changes:
            yield f"a login with the old password is live after {changes[0].name}"


def an_inactive_user_has_no_live_session(outcome: Aftermath) -> Iterator[str]:
    if not outcome.alice.get("active", True):
        for name in sorted(outcome.live & {"laptop", "phone"}):
            yield f"Alice is inactive, and her {name} is let in"
        for one in alive(outcome):
            yield f"Alice is inactive, and the session of {one.name} is live"


def no_other_user_is_logged_out(outcome: Aftermath) -> Iterator[str]:
    if "bob" not in outcome.live and not any("bob" in one.ends for one in outcome.done):
        yield "Bob is logged out"


def nobody_is_refused_without_a_reason(outcome: Aftermath) -> Iterator[str]:
    """A session is refused if it has ended, a login if the password or the user has changed."""
    for one in outcome.done:
        if one.answer.verdict == REFUSED and not any(map(has_a_reason(one), outcome.others(one))):
            yield f"{one.name} was refused without a reason"
    if not any("laptop" in one.ends for one in outcome.done) and "laptop" not in outcome.live:
        yield "the laptop is logged out, and nobody ended its session"
    for one in outcome.done:
        ended = any(end.ends >= HERS for end in outcome.others(one))
        if outcome.begun.get(one.name) is False and not ended:
            yield f"the session of {one.name} is not live, and nobody ended it"


def has_a_reason(one: Happened):
    def gives(other: Happened) -> bool:
        if other.began > one.ended:
            return False
        if one.deed.carries:
            return bool(other.ends & {one.deed.carries, one.deed.asks_for})
        changed = {column for column, _ in other.deed.changes}
        return bool(other.deed.password) or other.deed.active is not None or "email" in changed

    return gives if one.deed.typed != NEW_PASSWORD else lambda other: True


def the_audit_has_each_end_once(outcome: Aftermath) -> Iterator[str]:
    if outcome.audit is None:
        return
    if all(one.deed.audited for one in outcome.done if one.ends):
        for one in outcome.done:
            if one.answer.said == UNRECORDED:
                yield f"{one.name} saw an end before it was in the audit"
    reported = [one.name for one in outcome.done if one.deed.audited and one.succeeded]
    if len(reported) != len(outcome.audit):
        yield f"reported: {', '.join(reported) or 'no end'}. Audit: {outcome.audit or 'nothing'}"


def no_change_is_lost(outcome: Aftermath) -> Iterator[str]:
    for one in outcome.done if outcome.alice else ():
        for column, value in one.deed.changes if one.succeeded else ():
            if outcome.alice[column] != value:
                yield f"{one.name} was reported, and the {column} is {outcome.alice[column]!r}"
    yield from the_last_one_wins(outcome, "active", lambda one: one.deed.active is not None)
    yield from the_last_one_wins(outcome, "password_digest", lambda one: bool(one.deed.password))


def the_last_one_wins(outcome: Aftermath, column: str, writes) -> Iterator[str]:
    """Of those that were reported. Its value is the one that the row has."""
    found = [one for one in outcome.done if one.succeeded and one.shown and writes(one)]
    if not found:
        return
    last = max(found, key=lambda one: one.shown[0])
    value = outcome.alice[column]
    if column == "active" and bool(value) is not last.deed.active:
        yield f"{last.name} came last, and Alice is {'active' if value else 'inactive'}"
    if column == "password_digest" and not is_of(last.deed, value, outcome.before[column]):
        yield f"{last.name} came last, and the password is another one"


def is_of(deed: Deed, digest: str, before: str) -> bool:
    """Whether the deed has written this digest. The app's own digests are different each time."""
    if deed.password == RAW_PASSWORD:
        return digest == digest_of(RAW_PASSWORD)
    return digest not in (before, digest_of(RAW_PASSWORD))


PROMISES = [
    nobody_sees_an_error,
    a_conflict_is_answered_with_the_truth,
    no_ended_session_is_let_in,
    no_new_session_outlives_a_later_end,
    nothing_is_written_after_the_end,
    a_kept_session_does_not_outlive_an_end,
    no_old_password_has_a_live_session,
    an_inactive_user_has_no_live_session,
    no_other_user_is_logged_out,
    nobody_is_refused_without_a_reason,
    the_audit_has_each_end_once,
    no_change_is_lost,
]

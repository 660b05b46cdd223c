"""What a statement touches: which tables it reads, locks, and changes for others to see."""

import re
from dataclasses import dataclass, field

READS = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)', re.IGNORECASE)
WRITES = re.compile(
    r'\b(?:INTO|DELETE\s+FROM|LOCK\s+TABLE|(?<!DO )(?<!FOR )UPDATE)\s+"?(\w+)', re.IGNORECASE
)
FOR_UPDATE = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b", re.IGNORECASE)
INSERT = re.compile(r"^\s*INSERT\b", re.IGNORECASE)
REFERS_TO = {"sessions": "users"}  # PostgreSQL locks the row that a new row refers to
ONLY_ADDED_TO = {"audit"}  # each new row has a new number, so nobody waits for another
FILE = "the file"  # SQLite has one writer, and a transaction sees the file as it was


@dataclass(frozen=True)
class Footprint:
    """Tables. `shows` are those whose changes the others see from now on.

    If it is `quiet`, nobody can notice it, and it notices nobody: SQLite's one writer writes on,
    a transaction reads on in its snapshot, or it adds a row that nobody sees before its COMMIT.
    """

    reads: frozenset[str] = frozenset()
    locks: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    quiet: bool = False

    def __or__(self, other: "Footprint") -> "Footprint":
        parts = ("reads", "locks", "shows")
        return Footprint(*(getattr(self, part) | getattr(other, part) for part in parts))

    def conflicts(self, other: "Footprint") -> bool:
        """Whether the order of the two can matter. If not, they commute."""
        return not self.quiet and bool(
            self.shows & other.reads or self.reads & other.shows or self.locks & other.locks
        )


NOTHING = Footprint()


@dataclass
class Transaction:
    """An open transaction: what it has locked, and whether it has begun to read or write."""

    locked: set[str] = field(default_factory=set)
    has_snapshot: bool = False


def footprint_of(sql: str, transaction: Transaction | None, is_sqlite: bool) -> Footprint:
    """What this statement touches when it is sent now."""
    reads, locks = set(READS.findall(sql)), set(WRITES.findall(sql))
    if FOR_UPDATE.search(sql):
        locks |= reads
    if INSERT.search(sql):
        locks |= {REFERS_TO[table] for table in locks if table in REFERS_TO}
    if is_sqlite and (locks or sql.startswith("BEGIN IMMEDIATE")):
        locks.add(FILE)
    if is_sqlite and transaction:
        reads.add(FILE)
        quiet = FILE in transaction.locked or (transaction.has_snapshot and not locks)
        return Footprint(frozenset(reads), frozenset(locks), quiet=quiet)
    if transaction:
        quiet = bool(INSERT.search(sql)) and locks <= ONLY_ADDED_TO
        return Footprint(frozenset(reads), frozenset(locks), quiet=quiet)
    return Footprint(frozenset(reads), frozenset(locks), frozenset(locks))


def footprint_of_end(transaction: Transaction | None, commits: bool) -> Footprint:
    """What COMMIT or ROLLBACK touches."""
    locked = frozenset(transaction.locked if transaction else ())
    return Footprint(locks=locked, shows=locked if commits else frozenset())

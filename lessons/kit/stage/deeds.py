"""What can happen at the same time: requests, scripts, and another program's SQL."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from itertools import combinations_with_replacement

from .people import ALICE, NEW_PASSWORD, digest_of
from .world import CAROL, DONE, LET_IN, REFUSED, Answer, World

NEW_NAME, NEW_ADDRESS = "Mallory", "mallory@example.com"
RAW_PASSWORD = "typed into a database shell"  # noqa: S105
HERS = frozenset({"laptop", "phone"})
UNRECORDED = "an end that is not in the audit"
TWIN = "-again"  # the second of two that do the same
EVERYBODYS = frozenset({"laptop", "phone", "bob", "carol"})


@dataclass(frozen=True)
class Deed:
    """Something that is done. `carries` is the session that it needs; `ends` those that it ends."""

    name: str
    words: str  # who does it, and what
    act: Callable[[World], Answer]
    needs: frozenset[str] = frozenset()  # of the app: see World.features
    _: KW_ONLY
    carries: str = ""
    asks_for: str = ""  # another session, which must be there
    ends: frozenset[str] = frozenset()
    writes: bool = False  # something of the user's, by the session that it carries
    begins: bool = False  # a session
    typed: str = ""  # the password of a login
    audited: bool = False
    password: str = ""  # that Alice has afterwards
    active: bool | None = None  # whether she is, afterwards
    changes: tuple[tuple[str, str], ...] = ()  # columns of her row, and what they hold afterwards


def form(who: str, path: str, **fields) -> Callable[[World], Answer]:
    return lambda world: world.send(who, path, **fields)


def script(action: Callable) -> Callable[[World], Answer]:
    return lambda world: world.as_program(action)


def log_in(password: str) -> Callable[[World], Answer]:
    return form("", "/login", email=ALICE.email, password=password)


def next_event(world: World) -> Answer:
    """What a running stream asks before its next event."""
    count = world.module("streams").count_sessions(world.session_id("laptop"))
    return Answer(LET_IN if count else REFUSED)


def visit(world: World) -> Answer:
    """A page, where the visit is recorded: in the row, or before step 8 in a new cookie."""
    if world.has_rows:
        return replace(world.send("laptop", "/"), cookie="")
    return world.send("laptop, long ago", "/")


def look_at_the_audit(world: World) -> Answer:
    """Somebody reads Alice's token and the audit, in one statement."""
    database = world.parts.database.db
    sql = f"SELECT session_token, (SELECT count(*) FROM audit) FROM users WHERE id = {world.her_id}"
    with database.connection_context():
        ((token, rows),) = database.execute_sql(sql).fetchall()
    ended = token != world.tables["users"][0]["session_token"]
    return Answer(LET_IN, said=UNRECORDED if ended and not rows else "")


def end_one(of: str, by: str) -> Callable[[World], Answer]:
    def act(world: World) -> Answer:
        fields = {"id": world.number(of), "current_password": ALICE.password}
        return world.send(by, "/sessions/end", **fields)

    return act


def raw_sql(world: World) -> Answer:
    """The trigger's case: a program that knows nothing of tokens."""
    database = world.parts.database.db
    sql = f"UPDATE users SET password_digest = {database.param} WHERE id = {database.param}"
    with database.connection_context():
        database.execute_sql(sql, (digest_of(RAW_PASSWORD), world.her_id))
    return Answer(DONE)


def by_admin(world: World) -> Answer:
    path = f"/admin/users/{world.her_id}/end-sessions"
    answer = world.send("carol", path, current_password=CAROL.password, reason="a stolen laptop")
    return Answer(DONE, said=answer.said) if answer.verdict == LET_IN else answer


HER_PASSWORD = {"current_password": ALICE.password}
CHANGE = {**HER_PASSWORD, "new_password": NEW_PASSWORD}
ALL_DEEDS = [  # those first that meet the others at most places
    Deed(
        "password",
        "the phone changes the password",
        form("phone", "/password", **CHANGE),
        frozenset({"session_token"}),
        carries="phone",
        ends=HERS,
        writes=True,
        begins=True,
        audited=True,
        password=NEW_PASSWORD,
    ),
    Deed(
        "end",
        "a script ends all sessions",
        script(lambda alice: alice.invalidate_sessions()),
        frozenset({"invalidate_sessions"}),
        ends=HERS,
        audited=True,
    ),
    Deed(
        "name",
        "the laptop changes the name",
        form("laptop", "/profile", name=NEW_NAME),
        carries="laptop",
        writes=True,
        changes=(("name", NEW_NAME),),
    ),
    Deed(
        "login",
        "a login with the old password",
        log_in(ALICE.password),
        begins=True,
        typed=ALICE.password,
    ),
    Deed(
        "logout",
        "the laptop logs out",
        form("laptop", "/logout", sent="yes"),
        frozenset({"rows"}),
        carries="laptop",
        ends=frozenset({"laptop"}),
    ),
    Deed("look", "somebody reads token and audit", look_at_the_audit, frozenset({"audit"})),
    Deed(
        "keep",
        "the laptop ends all sessions but its own",
        form("laptop", "/sessions/invalidate", keep="this", **HER_PASSWORD),
        frozenset({"/email"}),  # both came with step 5
        carries="laptop",
        ends=HERS,
        writes=True,
        begins=True,
        audited=True,
    ),
    Deed(
        "visit",
        "the laptop's visit is recorded",
        visit,
        frozenset({"now"}),
        carries="laptop",
        begins=True,
    ),
    Deed(
        "end-one",
        "the phone ends the laptop's session",
        end_one("laptop", by="phone"),
        frozenset({"rows"}),
        carries="phone",
        asks_for="laptop",
        ends=frozenset({"laptop"}),
        writes=True,
        audited=True,
    ),
    Deed(
        "all",
        "a script ends everybody's sessions",
        script(lambda alice: type(alice).invalidate_all()),
        frozenset({"invalidate_all"}),
        ends=EVERYBODYS,
        audited=True,
    ),
    Deed("page", "the laptop opens the home page", form("laptop", "/"), carries="laptop"),
    Deed(
        "event",
        "the laptop's stream asks before an event",
        next_event,
        frozenset({"/events"}),
        carries="laptop",
    ),
    Deed(
        "download",
        "the laptop downloads the audit",
        form("laptop", "/export"),
        frozenset({"/export"}),
        carries="laptop",
    ),
    Deed(
        "address",
        "the laptop changes the e-mail address",
        form("laptop", "/email", email=NEW_ADDRESS, **HER_PASSWORD),
        frozenset({"/email"}),
        carries="laptop",
        writes=True,
        changes=(("email", NEW_ADDRESS),),
    ),
    Deed(
        "everywhere",
        "the phone ends all sessions",
        form("phone", "/sessions/invalidate", **HER_PASSWORD),
        frozenset({"invalidate_sessions"}),
        carries="phone",
        ends=HERS,
        writes=True,
        audited=True,
    ),
    Deed(
        "new-login",
        "a login with the new password",
        log_in(NEW_PASSWORD),
        begins=True,
        typed=NEW_PASSWORD,
    ),
    Deed(
        "end-back",
        "the laptop ends the phone's session",
        end_one("phone", by="laptop"),
        frozenset({"rows"}),
        carries="laptop",
        asks_for="phone",
        ends=frozenset({"phone"}),
        writes=True,
        audited=True,
    ),
    Deed(
        "admin",
        "an administrator ends Alice's sessions",
        by_admin,
        frozenset({"admin pages"}),
        carries="carol",
        ends=HERS,
        audited=True,
    ),
    Deed(
        "deactivate",
        "a script deactivates Alice",
        script(lambda alice: alice.deactivate()),
        frozenset({"deactivate"}),
        ends=HERS,
        audited=True,
        active=False,
    ),
    Deed(
        "activate",
        "a script activates Alice",
        script(lambda alice: alice.activate()),
        frozenset({"activate"}),
        ends=HERS,
        audited=True,
        active=True,
    ),
    Deed(
        "role",
        "a script changes Alice's role",
        script(lambda alice: alice.set_role("admin")),
        frozenset({"set_role"}),
        ends=HERS,
        audited=True,
        changes=(("role", "admin"),),
    ),
    Deed(
        "sql",
        "raw SQL writes a password digest",
        raw_sql,
        frozenset({"trigger"}),
        ends=HERS,
        password=RAW_PASSWORD,
    ),
]


TRIPLES = [
    ("password", "login", "page"),
    ("deactivate", "activate", "login"),
    ("everywhere", "keep", "name"),
    ("end-one", "logout", "visit"),
    ("all", "login", "logout"),
    ("sql", "login", "keep"),
]


def possible_deeds(world: World) -> list[Deed]:
    """Those for which the app has what they need."""
    return [deed for deed in ALL_DEEDS if deed.needs <= world.features]


def all_pairs(world: World) -> list[list[Deed]]:
    """Each deed with each other, and with itself."""
    return [
        twins(first) if first is second else [first, second]
        for first, second in combinations_with_replacement(possible_deeds(world), 2)
    ]


def twins(deed: Deed) -> list[Deed]:
    return [deed, replace(deed, name=f"{deed.name}{TWIN}")]


def triples(world: World) -> list[list[Deed]]:
    """Those that matter, if the app has what they need."""
    possible = {deed.name: deed for deed in possible_deeds(world)}
    found = [[possible.get(name) for name in names] for names in TRIPLES]
    return [[deed for deed in three if deed] for three in found if all(three)]


def named_deeds(names: list[str], world: World) -> list[Deed]:
    """The deeds of an order, in the order of their first turns. Raises LookupError."""
    possible = {deed.name: deed for first in possible_deeds(world) for deed in twins(first)}
    try:
        return [possible[name] for name in dict.fromkeys(names)]
    except KeyError as error:
        raise LookupError(f"There is no deed {error} in this app.") from error

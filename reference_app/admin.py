"""The admin pages. Every action asks for the admin's password and a reason, and is in the audit.
The audit also has everybody who is not an admin, or types a wrong password, on these pages."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from bottle import Bottle, HTTPError, request
from peewee import Expression

from . import log, sessions
from .database import db
from .forms import NOT_CONFIRMED, confirmed, page, query, refused, typed
from .models import ROLES, Audit, Session, User, lock_users
from .rules import acceptable_reason
from .sessions import current_user

PER_PAGE = 50


@dataclass(frozen=True)
class Action:
    """Something that an admin can do to one user."""

    title: str
    effect: str
    perform: Callable
    locks_out: bool = False  # an admin may not do it to their own account: nobody could undo it


ACTIONS = {
    "end-sessions": Action(
        "End all sessions",
        "is logged out in every browser, at its next request. They can sign in again.",
        User.invalidate_sessions,
    ),
    "deactivate": Action(
        "Deactivate",
        "is logged out in every browser, at its next request, and cannot sign in any more.",
        User.deactivate,
        locks_out=True,
    ),
    "activate": Action(
        "Activate",
        "can sign in again. No session of before comes back.",
        User.activate,
    ),
    "make-admin": Action(
        "Make an admin",
        "becomes an admin, who can do all that you can. They are logged out in every browser.",
        functools.partial(User.set_role, role="admin"),
    ),
    "make-member": Action(
        "Make a member",
        "becomes a member and can open none of these pages. They are logged out in every browser.",
        functools.partial(User.set_role, role="member"),
        locks_out=True,
    ),
}
# A refusal writes the path into the audit: nobody may choose the words in it.
ONE = r"/admin/users/<user_id:re:\d{1,9}>"
ACTION = f"{ONE}/<name:re:{'|'.join(ACTIONS)}>"
EVERYBODY = f"/admin/everybody/<whom:re:{'|'.join(['all', *ROLES])}>"


def add_routes(app: Bottle) -> None:
    app.route("/admin/users", "GET", list_users, apply=admins_only)
    app.route(ONE, "GET", show_user, apply=admins_only)
    app.route(ACTION, "GET", ask_about_one, apply=admins_only)
    app.route(ACTION, "POST", do_to_one, apply=admins_only)
    app.route(EVERYBODY, "GET", ask_about_everybody, apply=admins_only)
    app.route(EVERYBODY, "POST", log_everybody_out, apply=admins_only)
    app.route("/admin/audit", "GET", show_audit, apply=admins_only)


def admins_only(handler: Callable) -> Callable:
    @functools.wraps(handler)
    def checked(**arguments):
        if current_user().role != "admin":
            note_refusal("not an admin")
            raise HTTPError(403, "Only an admin can open this page.")
        return handler(**arguments)

    return checked


def note_refusal(why: str) -> None:
    who, what = current_user().email, f"refused: {request.method} {request.path}"
    Audit.create(actor=who, action=what, reason=why)
    log.event("refused", user=who, path=request.path, why=why)


def list_users():
    words = query("q").strip()[:255]
    found = User.select().order_by(User.email)
    if words:
        found = found.where(User.email.contains(words.lower()) | User.name.contains(words))
    number = page_number()
    return page(
        "admin_users",
        words=words,
        users=found.paginate(number, PER_PAGE),
        count=found.count(),
        number=number,
        per_page=PER_PAGE,
        groups={"all": User.select().count(), **{role: with_role(role) for role in ROLES}},
    )


def show_user(user_id: str):
    user = find_user(user_id)
    fitting = {
        "deactivate": user.active,
        "activate": not user.active,
        "make-admin": user.role != "admin",
        "make-member": user.role != "member",
    }
    actions = {name: a.title for name, a in ACTIONS.items() if fitting.get(name, True)}
    rows = Audit.select().where(Audit.subject == user.email).order_by(Audit.id.desc()).limit(20)
    return page("admin_user", user=user, actions=actions, rows=rows)


def ask_about_one(user_id: str, name: str):
    return page("admin_confirm", **about_one(find_user(user_id), ACTIONS[name]))


def do_to_one(user_id: str, name: str):
    user, action = find_user(user_id), ACTIONS[name]
    theirs = Session.user == user
    about = about_one(user, action)
    return confirm_and_do(about, lambda **why: action.perform(user, **why) or 1, theirs)


def ask_about_everybody(whom: str):
    return page("admin_confirm", **about_everybody(whom))


def log_everybody_out(whom: str):
    role = None if whom == "all" else whom
    theirs = User.role == role if role else Session.user == User.id
    about = about_everybody(whom)
    return confirm_and_do(about, lambda **why: User.invalidate_all(role, **why), theirs)


def about_one(user: User, action: Action) -> dict:
    """The texts of this action's pages. `impossible` says why it is not available."""
    me = user.id == current_user().id
    return {
        "title": f"{action.title}: {user.email}",
        "effect": f"{user.name} ({user.email}) {action.effect}",
        "me": me,
        "impossible": "Ask another admin: you would lock yourself out."
        if me and action.locks_out
        else None,
    }


def about_everybody(whom: str) -> dict:
    users = User.select().count() if whom == "all" else with_role(whom)
    group = "everybody" if whom == "all" else f"everybody with the role {whom}"
    return {
        "title": f"End all sessions: {group}",
        "effect": f"This is about {users} {'user' if users == 1 else 'users'}: {group} is logged "
        "out in every browser, at its next request. They can sign in again.",
        "me": whom in ("all", current_user().role),
        "impossible": None,
    }


def confirm_and_do(about: dict, deed: Callable, theirs: Expression):
    """If the form confirms the action, do it and show the receipt; else show the form again.

    `theirs` says whose sessions end, so that the receipt can count those that are live.
    """
    admin, reason = current_user(), typed("reason").strip()
    problem = objection(about, admin, reason)
    if problem:
        raise refused(422, "admin_confirm", problem, **about)
    with db.atomic():
        lock_users()  # before the guard takes its row: this action waits for nobody's form
        with sessions.guarded():
            ended = Session.live(sessions.now()).where(theirs).count()
            users = deed(by=admin.email, reason=reason)
            row = newest_deed(admin.email)
    log.event(row.action, user=row.subject, by=admin.email, users=users, sessions=ended)
    return page("admin_receipt", row=row, users=users, ended=ended, **about)


def newest_deed(actor: str) -> Audit:
    """The guard lets an admin do one thing at a time; refusals may be written in between."""
    rows = Audit.select().where(Audit.actor == actor, ~Audit.action.startswith("refused"))
    return rows.order_by(Audit.id.desc()).get()


def objection(about: dict, admin: User, reason: str) -> str | None:
    if about["impossible"]:
        note_refusal("would lock themself out")
        return about["impossible"]
    if not confirmed(admin):
        note_refusal("wrong password")
        return NOT_CONFIRMED
    try:
        acceptable_reason(reason)
    except ValueError as error:
        return str(error)
    return None


def show_audit():
    rows, number = Audit.select().order_by(Audit.id.desc()), page_number()
    words = query("q").strip()
    if words:
        rows = rows.where((Audit.subject == words.lower()) | (Audit.actor == words.lower()))
    shown = rows.paginate(number, PER_PAGE)
    return page(
        "admin_audit",
        words=words,
        rows=shown,
        count=rows.count(),
        number=number,
        per_page=PER_PAGE,
    )


def find_user(user_id: str) -> User:
    user = User.get_or_none(User.id == int(user_id))
    if user is None:
        raise HTTPError(404)
    return user


def with_role(role: str) -> int:
    return User.select().where(User.role == role).count()


def page_number() -> int:
    asked = query("page")
    return int(asked) if asked.isascii() and asked.isdigit() and 1 <= len(asked) <= 6 else 1

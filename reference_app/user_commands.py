"""The commands about people: who can sign in, as what, and whose sessions end."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from peewee import Expression, IntegrityError

from . import database
from .models import ROLES, Audit, Session, User, lock_users
from .options import (
    database_option,
    json_option,
    logged,
    operator,
    reason_option,
    say,
    yes_option,
)
from .pool import existing
from .problems import shown
from .rules import acceptable_name, acceptable_password, is_email
from .sessions import now


@click.command()
@click.argument("email")
@click.option("--name", help="Asked for on a terminal.")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True)
@database_option
def create_user(email, name, role, url):
    """Add somebody. The password comes from a prompt, or is the first line of standard input."""
    if name is None and not sys.stdin.isatty():
        raise click.UsageError("Without a terminal say --name too.")
    email = email.strip()
    if not is_email(email):
        raise click.ClickException(f"{email!r} is not an e-mail address.")
    database.use(existing(url))
    try:
        name = acceptable_name(click.prompt("Name") if name is None else name)
        password = acceptable_password(ask_for_password())
        with database.db.atomic():
            user = User.create(email=email, name=name, password=password, role=role)
            Audit.create(actor=operator(), subject=user.email, action=f"added as {role}")
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    except IntegrityError as error:
        raise click.ClickException(f"There is already a user {email}.") from error
    logged(f"added as {role}", user=user.email)
    say(f"{user.email} can sign in.")


@click.command()
@click.argument("email")
@reason_option
@database_option
def set_password(email, reason, url):
    """Give one user a new password, and end their sessions. Asks for it like create-user."""
    user = find_user(url, email)
    try:
        user.password = acceptable_password(ask_for_password())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with ending(Session.user == user) as live:
        user.end_sessions("password changed", User.password_digest, by=operator(), reason=reason)
    logged("password changed", user=user.email, sessions=live, reason=reason)
    say(f"{user.email} has a new password. Every session of theirs has ended{of_which(live)}")
    if not user.active:
        say("They cannot sign in until you activate them.")


@click.command()
@click.argument("email")
@reason_option
@database_option
def deactivate(email, reason, url):
    """End every session of one user, and let nobody sign in as them."""
    user = find_user(url, email)
    with ending(Session.user == user) as live:
        user.deactivate(by=operator(), reason=reason)
    logged("deactivated", user=user.email, sessions=live, reason=reason)
    said = f"{user.email} is logged out and cannot sign in. Every session of theirs has ended"
    say(said + of_which(live))


@click.command()
@click.argument("email")
@reason_option
@database_option
def activate(email, reason, url):
    """Let one user sign in again. Earlier sessions stay ended."""
    user = find_user(url, email)
    user.activate(by=operator(), reason=reason)
    logged("activated", user=user.email, reason=reason)
    say(f"{user.email} can sign in.")


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@reason_option
@database_option
def set_role(email, role, reason, url):
    """Give one user a role, and end their sessions."""
    user = find_user(url, email)
    with ending(Session.user == user) as live:
        user.set_role(role, by=operator(), reason=reason)
    logged(f"role set to {role}", user=user.email, sessions=live, reason=reason)
    say(f"{user.email} has the role {role}. Every session of theirs has ended{of_which(live)}")


@click.command()
@click.argument("email", required=False)
@click.option("--role", type=click.Choice(ROLES), help="All who have this role.")
@click.option("--all", "everybody", is_flag=True, help="Everybody. Say --yes too.")
@yes_option
@reason_option
@click.option(
    "--json", "as_json", is_flag=True, help='{"ended": how many users, "sessions": how many live}.'
)
@database_option
def invalidate(email, role, everybody, yes, reason, as_json, url):
    """End every session of one user, of all who have a role, or of everybody."""
    if [email is not None, role is not None, everybody].count(True) != 1:
        raise click.UsageError("Name one of EMAIL, --role and --all.")
    if everybody and not yes:
        raise click.UsageError("--all logs everybody out. Say --yes if you mean it.")
    if email is not None:
        user = find_user(url, email)
        with ending(Session.user == user) as live:
            user.invalidate_sessions(by=operator(), reason=reason)
        logged("sessions ended", user=user.email, sessions=live, reason=reason)
        count, whose = 1, user.email
    else:
        count, live = invalidate_many(url, role, reason)
        whose = f"{count} {'user' if count == 1 else 'users'}"
    said = f"Every session of {whose} in {shown(url)} has ended{of_which(live)}"
    say(json.dumps({"ended": count, "sessions": live}) if as_json else said)


def invalidate_many(url: str, role: str | None, reason: str) -> tuple[int, int]:
    """How many users, and how many live sessions they had.

    If there is no user, the database is probably wrong: nothing is written.
    """
    database.use(existing(url))
    with ending(Session.user == User.id if role is None else User.role == role) as live:
        count = User.invalidate_all(role=role, by=operator(), reason=reason)
        if not count:
            whom = "is no user" if role is None else f"is nobody with the role {role}"
            raise click.ClickException(f"There {whom} in {shown(url)}. No session has ended.")
    whose = "all sessions" if role is None else f"all sessions of role {role}"
    logged(f"{whose} ended", users=count, sessions=live, reason=reason)
    return count, live


@contextmanager
def ending(theirs: Expression) -> Iterator[int]:
    """A transaction that ends these sessions; the number of those that are live until then."""
    with database.db.atomic():
        lock_users()
        User.update(id=User.id).where(User.id == 0).execute()  # SQLite: who reads first may fail
        yield Session.live(now()).where(theirs).count()


def of_which(live: int) -> str:
    return {0: ": none was live.", 1: ": 1 was live."}.get(live, f": {live} were live.")


@click.command()
@click.option("--last", type=click.IntRange(min=1), help="Only so many rows, the newest.")
@json_option
@database_option
def audit(last, as_json, url):
    """Show who ended whose sessions, when (UTC) and why, the oldest first."""
    database.use(existing(url))
    newest = list(Audit.select().order_by(Audit.id.desc()).limit(last).dicts())
    for row in reversed(newest):
        at = row["at"].isoformat(timespec="seconds")
        row["at"] = f"{at}Z" if as_json else at.replace("T", " ")
        say(json.dumps(row) if as_json else in_one_line(row))


@click.command()
@database_option
def prune(url):
    """Delete the rows of sessions that have expired. They are of no use to anybody."""
    database.use(existing(url))
    count = Session.prune(now())
    say(f"{count} {'row' if count == 1 else 'rows'} of expired sessions deleted in {shown(url)}.")


ALL = [create_user, set_password, deactivate, activate, set_role, invalidate, audit, prune]


def find_user(url: str, email: str) -> User:
    database.use(existing(url))
    user = User.get_or_none(User.email == email)
    if user is None:
        raise click.ClickException(f"There is no user {email!r} in {shown(url)}.")
    return user


def ask_for_password() -> str:
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return sys.stdin.readline().rstrip("\r\n")


def in_one_line(row: dict) -> str:
    who, whose = row["actor"] or "(not said)", row["subject"] or "(not one user)"
    return "  ".join([row["at"], who, row["action"], whose, row["reason"]]).rstrip()

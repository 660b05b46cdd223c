"""One machine of the scene of lesson 11: a process that serves a design.

`python -m lessons.kit.stage.app_machine DESIGN PORT`, with the addresses of the other machines in
the environment. A cookie is `session=USER.TOKEN`: who has signed in, and the stamp.
"""

import os
import secrets
import sys
import threading
from contextlib import suppress
from importlib import import_module
from typing import Any

import psycopg
import redis
import waitress
from bottle import Bottle, HTTPResponse, request

THREADS = 6


class Here(threading.local):
    """What a process can reach: each thread has connections of its own."""

    def __init__(self, points: "Points"):
        self.points = points
        self.redis: Any = redis.Redis(port=int(os.environ["REDIS_PORT"]), decode_responses=True)

    @property
    def primary(self) -> psycopg.Connection:
        return self.connection("PRIMARY_URL")

    @property
    def standby(self) -> psycopg.Connection:
        return self.connection("STANDBY_URL")

    def connection(self, name: str) -> psycopg.Connection:
        """Ours to this server; a new one if the last one broke."""
        known = self.__dict__.get(name)
        if known is None or known.closed:
            known = psycopg.connect(os.environ[name], autocommit=True)
            self.__dict__[name] = known
        return known

    def pass_by(self, point: str) -> None:
        """Here the scene can hold a thread up, as a slow machine or a full queue would."""
        self.points.pass_by(point)


class Points:
    """Places in a design at which the scene holds threads up until it lets go."""

    def __init__(self) -> None:
        self.held: dict[str, threading.Event] = {}
        self.reached: set[str] = set()

    def hold(self, point: str) -> None:
        self.reached.discard(point)
        self.held[point] = threading.Event()

    def let_go(self, point: str) -> None:
        self.held.pop(point).set()

    def pass_by(self, point: str) -> None:
        stop = self.held.get(point)
        if stop is not None:
            self.reached.add(point)
            stop.wait()


def token_of(connection: psycopg.Connection, user: int) -> str:
    """The user's token as this server has it."""
    return value(connection, "SELECT session_token FROM users WHERE id = %s", user)


def version_of(connection: psycopg.Connection, user: int) -> int:
    """How many tokens the user has had."""
    return value(connection, "SELECT version FROM users WHERE id = %s", user)


def value(connection: psycopg.Connection, sql: str, *values: object) -> Any:
    """What the statement selects: one column of one row."""
    ((found,),) = connection.execute(sql, values).fetchall()
    return found


def new_token(connection: psycopg.Connection, user: int) -> str:
    """Give the user a new token, which ends all of their sessions."""
    token = secrets.token_hex(16)
    rotate = "UPDATE users SET session_token = %s, version = version + 1 WHERE id = %s"
    connection.execute(rotate, [token, user])
    return token


def make_site(design, here: Here) -> Bottle:
    """A page, the form that ends all of a user's sessions, and the scene's own two doors."""
    site = Bottle(catchall=False)

    @site.get("/")
    def page():
        user, _, stamp = (request.get_cookie("session") or "").partition(".")
        live = user.isdigit() and secrets.compare_digest(
            design.current_token(here, int(user)).encode(), stamp.encode()
        )
        return HTTPResponse(status=200 if live else 401)

    @site.post("/end/<user:int>")
    def end(user):
        design.end(here, user)
        return HTTPResponse(status=204)

    @site.post("/hold/<point>")
    def hold(point):
        here.points.hold(point)

    @site.get("/reached/<point>")
    def reached(point):
        return HTTPResponse(status=200 if point in here.points.reached else 404)

    @site.post("/let-go/<point>")
    def let_go(point):
        here.points.let_go(point)

    return site


def main(name: str, port: str) -> None:
    design = import_module(name)
    here = Here(Points())
    getattr(design, "start", lambda here: None)(here)
    with suppress(KeyboardInterrupt):
        waitress.serve(make_site(design, here), host="127.0.0.1", port=port, threads=THREADS)


if __name__ == "__main__":
    main(*sys.argv[1:])

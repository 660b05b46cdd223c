"""The check asks an asynchronous standby, and the end asks until the standby has replayed it."""

import time

from lessons.kit.stage.app_machine import Here, new_token, token_of, value

ZERO, DANGER = True, "replay paused"
PAUSE = 0.001  # seconds
HAS_REPLAYED = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"


def current_token(here: Here, user: int) -> str:
    return token_of(here.standby, user)


def end(here: Here, user: int) -> None:
    new_token(here.primary, user)
    written = value(here.primary, "SELECT pg_current_wal_lsn()")
    while not value(here.standby, HAS_REPLAYED, written):
        time.sleep(PAUSE)

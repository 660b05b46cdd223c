"""The check asks a synchronous standby (`synchronous_commit = on`)."""

from lessons.kit.stage.app_machine import Here, new_token, token_of

ZERO, DANGER = False, "replay paused"
SYNCHRONOUS = True


def current_token(here: Here, user: int) -> str:
    return token_of(here.standby, user)


def end(here: Here, user: int) -> None:
    new_token(here.primary, user)  # it returns when the standby has it on disk, not in its tables

"""The check asks a synchronous standby, and the end alone waits for it (`remote_apply`)."""

from lessons.kit.stage.app_machine import Here, new_token, token_of

ZERO, DANGER = True, "replay paused"
SYNCHRONOUS = True


def current_token(here: Here, user: int) -> str:
    return token_of(here.standby, user)


def end(here: Here, user: int) -> None:
    with here.primary.transaction():
        here.primary.execute("SET LOCAL synchronous_commit = remote_apply")
        new_token(here.primary, user)

"""The check asks a cache in Redis; the end deletes the entry after its commit."""

from lessons.kit.stage.app_machine import Here, new_token, token_of

ZERO, DANGER = False, "late fill"
TIME_TO_LIVE = 2_000  # milliseconds


def current_token(here: Here, user: int) -> str:
    cached = here.redis.get(f"token:{user}")
    if cached is not None:
        return cached
    token = token_of(here.primary, user)
    here.pass_by("fill")  # an end may come in between: then the old token is written
    here.redis.set(f"token:{user}", token, px=TIME_TO_LIVE)
    return token


def end(here: Here, user: int) -> None:
    new_token(here.primary, user)
    here.redis.delete(f"token:{user}")

"""The end writes the new token into the cache; a check fills it only if it is empty (NX)."""

from lessons.kit.stage.app_machine import Here, new_token, token_of

ZERO, DANGER = False, "late fill, eviction"
TIME_TO_LIVE = 2_000  # milliseconds


def current_token(here: Here, user: int) -> str:
    cached = here.redis.get(f"token:{user}")
    if cached is not None:
        return cached
    token = token_of(here.primary, user)
    here.pass_by("fill")
    here.redis.set(f"token:{user}", token, px=TIME_TO_LIVE, nx=True)
    return token


def end(here: Here, user: int) -> None:
    token = new_token(here.primary, user)
    here.redis.set(f"token:{user}", token, px=TIME_TO_LIVE)

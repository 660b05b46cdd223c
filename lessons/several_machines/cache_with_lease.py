"""A check that finds nothing in the cache takes a ticket, and an end takes all tickets away."""

import secrets

from lessons.kit.stage.app_machine import Here, new_token, token_of

ZERO, DANGER = True, "late fill, eviction"
TIME_TO_LIVE = 2_000  # milliseconds
FILL_WITH_TICKET = """
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
"""


def current_token(here: Here, user: int) -> str:
    cached = here.redis.get(f"token:{user}")
    if cached is not None:
        return cached
    ticket = secrets.token_hex(8)
    here.redis.set(f"ticket:{user}", ticket, px=TIME_TO_LIVE)
    token = token_of(here.primary, user)
    here.pass_by("fill")
    names = [f"token:{user}", f"ticket:{user}"]
    here.redis.eval(FILL_WITH_TICKET, 2, *names, ticket, token, TIME_TO_LIVE)
    return token


def end(here: Here, user: int) -> None:
    new_token(here.primary, user)
    here.redis.delete(f"token:{user}", f"ticket:{user}")

"""Each token has a number, and the cache takes only a higher one than it has."""

from lessons.kit.stage.app_machine import Here, new_token, token_of, version_of

ZERO, DANGER = False, "late fill, eviction"
WRITE_IF_NEWER = """
local has = redis.call('HGET', KEYS[1], 'version')
if not has or tonumber(has) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'token', ARGV[2])
end
"""


def current_token(here: Here, user: int) -> str:
    cached = here.redis.hget(f"token:{user}", "token")
    if cached is not None:
        return cached
    version, token = version_of(here.primary, user), token_of(here.primary, user)
    here.pass_by("fill")
    here.redis.eval(WRITE_IF_NEWER, 1, f"token:{user}", version, token)
    return token


def end(here: Here, user: int) -> None:
    token = new_token(here.primary, user)
    version = version_of(here.primary, user)
    here.redis.eval(WRITE_IF_NEWER, 1, f"token:{user}", version, token)

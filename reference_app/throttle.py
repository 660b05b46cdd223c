"""Slows down guessing: limits the wrong guesses for an account, an address, a session, a member."""

import hashlib
import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from bottle import HTTPError
from limits import parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from . import log

STORAGE_SECONDS = 1  # a storage that hangs longer blocks a worker
A_DAY = 24 * 60 * 60


class ThrottleError(RuntimeError):
    """The storage cannot keep the counts; the message says why, in one line."""


class Throttle:
    """Counts the wrong guesses. Several workers share a count if its storage is redis://…

    The limits have the syntax of the library `limits`. Only wrong guesses count, so a whole
    office behind one address can sign in at nine. A limit can be exceeded by the number of
    guesses that run at the same time. Unless the storage `must_answer` now, it may do so later:
    until then a guess is a 503. Raises ThrottleError.
    """

    def __init__(
        self,
        storage_url: str = "memory://",
        per_account: str = "10 per 15 minutes",
        per_address: str = "100 per 15 minutes",
        must_answer: bool = True,
    ):
        account, address = parse(per_account), parse(per_address)
        self.limits = {
            "account": account,
            "address": address,
            "session": account,
            "member": account,
        }
        self.limiter = MovingWindowRateLimiter(open_storage(storage_url, must_answer))

    def guess(self, check: Callable, **counted: str):
        """What `check` returns, unless one of those counted has reached its limit.

        They are an `account` as typed (it need not exist, and a refusal does not say whether it
        does), an `address`, a `session`, or a `member` who asks which e-mail addresses are
        taken. Each kind has its own count.
        Raises HTTPError: 429 with Retry-After, or 503 if the counts cannot be reached.
        """
        counters = [(self.limits[kind], (kind, digest(value))) for kind, value in counted.items()]
        try:
            self.refuse_exhausted(counters)
            self.write_something()
            result = check()
            if not result:
                for limit, key in counters:
                    self.limiter.hit(limit, *key)
        except StorageError as error:
            log.event("throttle unreachable")
            raise HTTPError(
                503, "Passwords cannot be checked just now. Please try again later."
            ) from error
        return result

    def write_something(self) -> None:
        """A wrong guess must be counted, so a storage that cannot be written allows none."""
        self.limiter.storage.incr("guesses", expiry=A_DAY)

    def refuse_exhausted(self, counters: list) -> None:
        full = [counter for counter in counters if not self.limiter.test(counter[0], *counter[1])]
        if not full:
            return
        ends = max(self.limiter.get_window_stats(limit, *key).reset_time for limit, key in full)
        seconds = max(1, math.ceil(ends - time.time()))
        log.event("throttled", retry_after=seconds)
        minutes = math.ceil(seconds / 60)
        said = f"Too many wrong entries. Please try again in {minutes} min."
        raise HTTPError(429, said, Retry_After=str(seconds))


def open_storage(url: str, must_answer: bool) -> Storage:
    """Raises ThrottleError. It does not repeat the URL, which may hold a password."""
    try:
        storage = cast(Storage, storage_from_string(url, wrap_exceptions=True, **timeouts(url)))
        problem = None if not must_answer or storage.check() else "nobody answers."
    except (ConfigurationError, StorageError) as error:
        problem = str(error).partition(" : ")[0]  # what follows is the URL
    except ValueError:
        problem = "its URL is wrong."
    if problem:
        raise ThrottleError(f"Cannot count logins in the storage that is named: {problem}")
    return storage


def timeouts(url: str) -> dict:
    """For Redis; the other storages of `limits` have other names for them."""
    names = ("socket_timeout", "socket_connect_timeout") if url.startswith("redis") else ()
    return dict.fromkeys(names, STORAGE_SECONDS)


def digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


def client_network() -> str:
    """All addresses that one client can use: its address, or an IPv6 network of 64 bits."""
    address = log.client_address()
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return str(ip_network((ip, 64), strict=False))
    return str(getattr(ip, "ipv4_mapped", None) or ip)

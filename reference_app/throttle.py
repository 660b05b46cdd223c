"""Slows down guessing: so many wrong passwords for an account, and from an address."""

import hashlib
import math
import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from bottle import HTTPError
from limits import parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from . import log


class ThrottleError(RuntimeError):
    """The counts cannot be kept there; the message says why, in one line."""


class Throttle:
    """Counts the wrong guesses. Several workers share a count if its storage is redis://…

    The limits are in the words of the library `limits`. Only wrong guesses count, so that an
    office behind one address can sign in at nine; so as many guesses as are in flight at once
    can come on top of a limit. Raises ThrottleError.
    """

    def __init__(
        self,
        storage_url: str = "memory://",
        per_account: str = "10 per 15 minutes",
        per_address: str = "100 per 15 minutes",
    ):
        self.limits = {"account": parse(per_account), "address": parse(per_address)}
        try:
            storage = storage_from_string(storage_url, wrap_exceptions=True)
            reachable = storage.check()
        except (ConfigurationError, StorageError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise ThrottleError(f"Cannot count logins in {storage_url}: {reason}") from error
        if not reachable:
            raise ThrottleError(f"Cannot count logins in {storage_url}: nobody answers.")
        self.limiter = MovingWindowRateLimiter(storage)

    def guess(self, account: str, check: Callable):
        """What `check` returns, unless this account or address has had its wrong guesses.

        `account` is what was typed, whether it exists or not: a refusal says nothing of that.
        Raises HTTPError: 429 with Retry-After, or 503 if the counts cannot be reached.
        """
        counters = self.counters(account)
        try:
            self.refuse_exhausted(counters)
            result = check()
            if not result:
                for limit, key in counters:
                    self.limiter.hit(limit, *key)
        except StorageError as error:
            log.event("throttle unreachable")
            raise HTTPError(503, "Nobody can sign in just now. Please try again later.") from error
        return result

    def counters(self, account: str) -> list:
        digest = hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()
        keys = {"account": digest, "address": network(log.client_address())}
        return [(limit, (name, keys[name])) for name, limit in self.limits.items()]

    def refuse_exhausted(self, counters: list) -> None:
        full = [counter for counter in counters if not self.limiter.test(counter[0], *counter[1])]
        if not full:
            return
        ends = max(self.limiter.get_window_stats(limit, *key).reset_time for limit, key in full)
        seconds = max(1, math.ceil(ends - time.time()))
        log.event("throttled", retry_after=seconds)
        minutes = math.ceil(seconds / 60)
        said = f"Too many wrong passwords. Please try again in {minutes} min."
        raise HTTPError(429, said, Retry_After=str(seconds))


def network(address: str) -> str:
    """What one client can choose from: its address, or an IPv6 network of 64 bits."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is None:
        return str(ip_network((ip, 64), strict=False))
    return str(getattr(ip, "ipv4_mapped", None) or ip)

"""A browser's cookies, unchanged: no library quotes, drops or repairs a value."""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Cookie:
    name: str
    value: str
    path: str
    flags: dict[str, str]  # in lower case, as sent: "httponly", "samesite", "max-age", …

    @property
    def outlives_the_browser(self) -> bool:
        return "max-age" in self.flags or "expires" in self.flags

    @property
    def is_gone(self) -> bool:
        if "max-age" in self.flags:
            age = self.flags["max-age"]
            return age.lstrip("-").isdigit() and int(age) <= 0
        if "expires" not in self.flags:
            return False
        try:
            return parsedate_to_datetime(self.flags["expires"]).timestamp() <= time.time()
        except ValueError:
            return False


def read_cookie(header: str, request_path: str) -> Cookie | None:
    """What a Set-Cookie header sets; None if it has no name."""
    pair, *rest = header.split(";")
    name, _, value = pair.partition("=")
    flags = {}
    for part in rest:
        key, _, given = part.partition("=")
        flags[key.strip().lower()] = given.strip()
    path = flags.get("path", "")
    if not path.startswith("/"):
        path = request_path.rpartition("/")[0] or "/"
    return Cookie(name.strip(), value.strip(), path, flags) if name.strip() else None


class Jar:
    """The cookies of one browser, for one app."""

    def __init__(self, cookies: list[Cookie] | None = None):
        self.cookies = list(cookies or [])

    def copy(self) -> "Jar":
        return Jar(self.cookies)

    def take(self, header: str, request_path: str) -> None:
        cookie = read_cookie(header, request_path)
        if cookie is None:
            return
        same = (cookie.name, cookie.path)
        self.cookies = [one for one in self.cookies if (one.name, one.path) != same]
        if not cookie.is_gone:
            self.cookies.append(cookie)

    def without(self, name: str) -> "Jar":
        return Jar([cookie for cookie in self.cookies if cookie.name != name])

    def after_the_browser_was_closed(self) -> "Jar":
        return Jar([cookie for cookie in self.cookies if cookie.outlives_the_browser])

    def names(self) -> list[str]:
        return list(dict.fromkeys(cookie.name for cookie in self.cookies))

    def value_of(self, name: str) -> str | None:
        return next((cookie.value for cookie in self.cookies if cookie.name == name), None)

    def header(self, path: str) -> str:
        """The Cookie header for this path; the longest cookie path first, as browsers do it."""
        fitting = [cookie for cookie in self.cookies if covers(cookie.path, path)]
        fitting.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting)


def covers(cookie_path: str, path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")

"""A server in a process of its own, and who visits it."""

import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode


class Visitor:
    """A browser of urllib's: cookies, redirects, forms."""

    def __init__(self, address, **headers):
        self.address = address
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), urllib.request.ProxyHandler({})
        )
        self.opener.addheaders = list(headers.items())

    def open(self, path="", **fields):
        body = urlencode(fields).encode() if fields else None
        with self.opener.open(self.address + path, body) as answer:
            return answer.read().decode()

    def sign_in(self, email, password):
        return self.open("login", email=email, password=password)


def address_of(process):
    """Wait for the line that names the address."""
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return found[0]
    raise AssertionError(f"it ended with {process.wait()} and named no address")


def people_of(process):
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith("Ctrl+C"):
            break
    emails = [line.split(maxsplit=1)[1] for line in lines if line.startswith("E-mail:")]
    passwords = [line.split(maxsplit=1)[1] for line in lines if line.startswith("Password:")]
    return list(zip(emails, passwords, strict=True))


class Sink:
    def write(self, _):
        pass

    def flush(self):
        pass

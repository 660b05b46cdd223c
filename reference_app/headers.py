"""The headers that tell a browser what these pages may do, and to keep no copy of them."""

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from bottle import response

from .sessions import is_https

HSTS = "max-age=31536000; includeSubDomains"  # a year
LAYOUT = Path(__file__).with_name("views") / "layout.tpl"


def protect_pages() -> None:
    """Set them on the response. Runs after every request, and again on an error's page."""
    response.set_header("Content-Security-Policy", content_security_policy())
    response.set_header("Cache-Control", "no-store")
    response.set_header("X-Content-Type-Options", "nosniff")
    # Not no-referrer: with it a browser hides the Origin of our own forms too.
    response.set_header("Referrer-Policy", "same-origin")
    response.set_header("Cross-Origin-Opener-Policy", "same-origin")
    response.set_header("Cross-Origin-Resource-Policy", "same-origin")
    if is_https():
        response.set_header("Strict-Transport-Security", HSTS)


@cache
def content_security_policy() -> str:
    """No scripts, no frames, no other sites; the layout's style is the only one."""
    return (
        f"default-src 'none'; style-src '{hash_of_the_style()}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def hash_of_the_style() -> str:
    (style,) = re.findall("<style>(.*?)</style>", LAYOUT.read_text("utf-8"), re.DOTALL)
    return "sha256-" + b64encode(hashlib.sha256(style.encode()).digest()).decode()

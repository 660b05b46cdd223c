"""Refuses forms of other sites: a browser says where a request comes from."""

from bottle import HTTPError, request

from . import log

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def refuse_cross_site() -> None:
    """Refuse an unsafe request that a browser sent for another site. Runs before every request.

    Sec-Fetch-Site decides, or Origin if a browser does not send that header (over plain http).
    A request with neither does not come from a browser, so it abuses nobody's cookie: it is let
    through (ASVS 3.5.1, 3.5.3). The SameSite=Lax cookie is the second defence.
    """
    if request.method in SAFE_METHODS or is_own_request():
        return
    log.event("cross-site request refused", path=request.path)
    raise HTTPError(403, "This form was sent from another site. Nothing was changed.")


def is_own_request() -> bool:
    # Not by request.get_header, which fails on bytes that are not UTF-8.
    site, origin = map(request.environ.get, ("HTTP_SEC_FETCH_SITE", "HTTP_ORIGIN"))
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or origin == own_origin()


def own_origin() -> str:
    """This site's origin, as a browser sends it. Not X-Forwarded-Host: anybody can send that."""
    return f"{request.environ['wsgi.url_scheme']}://{request.environ.get('HTTP_HOST', '')}"

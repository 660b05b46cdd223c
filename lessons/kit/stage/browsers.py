"""Browsers for the scenarios: each has its own cookie jar and talks to the app by WebTest."""

import hashlib

from itsdangerous import URLSafeTimedSerializer
from webtest import TestApp

from .people import ALICE

SECRET_KEY = "a key for tests"  # noqa: S105
EXPIRED = "Your session has expired. Please log in again."

FIREFOX_ON_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI_ON_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)


class Browser(TestApp):
    """A browser: it keeps the cookies it is given."""

    __test__ = False

    def __init__(self, app, scheme="http"):
        environ = {"wsgi.url_scheme": scheme, "SERVER_PROTOCOL": "HTTP/1.1"}
        super().__init__(app, extra_environ=environ)

    def open(self, path="/", **headers):
        """GET a page; any status is accepted."""
        return self.get(path, headers=headers, expect_errors=True)

    def send(self, path, **fields):
        """POST a form; any status is accepted."""
        return self.post(path, fields, expect_errors=True)

    def sign_in(self, person, password=None):
        """Sign in on the login page. The answer must be the redirect to the home page."""
        fields = {"email": person.email, "password": password or person.password}
        answer = self.post("/login", fields, status=303)
        assert leads_to(answer) == "/"
        return answer

    def is_signed_in(self):
        """Whether the home page opens. Only it and the redirect to the login page are no error."""
        answer = self.get("/")
        if answer.status_int == 200:
            return True
        assert answer.status_int == 303
        assert leads_to(answer).startswith("/login")
        return False

    def log_out(self):
        return self.post("/logout", status=303)

    def log_out_everywhere(self, person=ALICE):
        return self.post("/sessions/invalidate", {"current_password": person.password}, status=303)

    def change_password(self, current, new):
        fields = {"current_password": current, "new_password": new}
        return self.post("/password", fields, status=303)

    @property
    def cookie(self):
        """The Cookie header that this browser sends; "" if it has none."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Thief(Browser):
    """Somebody who copied another browser's cookie, and goes on sending that copy."""

    def __init__(self, victim):
        super().__init__(victim.app, victim.extra_environ["wsgi.url_scheme"])
        assert victim.cookie, "there is no cookie to steal"
        self.extra_environ["HTTP_COOKIE"] = victim.cookie

    @property
    def cookie(self):
        """The copy."""
        return self.extra_environ["HTTP_COOKIE"]


def user_agent_of(name):
    """What a browser with this name says it is: a phone has Safari, all others have Firefox."""
    return SAFARI_ON_IPHONE if "phone" in name else FIREFOX_ON_LINUX


def leads_to(answer):
    """The path of a redirect, or the whole address of another site; "" without a redirect."""
    here = f"{answer.request.scheme}://{answer.request.host}"
    return answer.headers.get("Location", "").removeprefix(here)


def text(answer):
    """What a person reads on the page, as one line."""
    return " ".join(answer.html.text.split())


def buttons(answer):
    """What the page's buttons say, and where each sends its form."""
    found = [(form, button) for form in answer.html("form") for button in form(sends)]
    return {says(button): button.get("formaction") or form["action"] for form, button in found}


def press(answer, name, **typed):
    """Press the page's button that says `name`, with these fields of its form filled in."""
    (button,) = [button for button in answer.html(sends) if says(button) == name]
    form = button.find_parent("form")
    sent = [field for field in form("input") if not sends(field)] + [button]
    fields = {field["name"]: field.get("value", "") for field in sent if field.get("name")}
    return answer.test_app.send(button.get("formaction") or form["action"], **fields | typed)


def says(button):
    return " ".join((button.text or button.get("value", "")).split())


def sends(element):
    """Whether the element is a button that sends its form."""
    return element.name == "button" or (element.name, element.get("type")) == ("input", "submit")


def alert(answer):
    """The text of the page's alert, or None."""
    found = answer.html.find(role="alert")
    return found and found.text


def signer(key=SECRET_KEY):
    """The promised format of the cookie: a second, independent definition, on purpose."""
    return URLSafeTimedSerializer(
        key,
        salt="session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def signed(payload, key=SECRET_KEY):
    """A Cookie header with a session that the app accepts as its own."""
    return f"session={signer(key).dumps(payload)}"


def payload(browser):
    """What is in the browser's session cookie."""
    return signer().loads(browser.cookie.partition("=")[2])

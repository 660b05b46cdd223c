"""How an app may let people in: a token against forged forms in any place, JSON, a bearer token."""

import json
from base64 import b64decode
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from logout_check.browser import Browser
from logout_check.cookies import Jar, read_cookie
from logout_check.reports.text import story
from logout_check.scenarios import SCENARIOS, all_scenarios
from logout_check.verdicts import Verdict
from tests.support.logout_check.reports import report_on, verdict_of
from tests.support.logout_check.right import LOGIN_FORM, App, Refused, Response, file_of
from tests.support.logout_check.wrong import (
    ANewPasswordEndsThisToo,
    NothingEnds,
    TheApiTokenOutlives,
)

pytestmark = pytest.mark.slow  # servers, and many logins


class Strict(App):
    """A token that is used once, and must come back in one way."""

    def __init__(self):
        super().__init__()
        self.shown = set()

    def show_login(self, request):
        token = f"{len(self.shown)}+/="
        self.shown.add(token)
        return self.page(token)

    def require_form_token(self, request):
        if self.returned(request) not in self.shown:
            raise Refused(Response(403, "The form's token is not there."))


class InAHiddenField(Strict):
    def page(self, token):
        other = '<form action="/search"><input type="hidden" name="csrf_token" value="no"></form>'
        return Response(200, other + LOGIN_FORM.format(token=token))

    def returned(self, request):
        return request.form.get("csrf_token")


class InAMeta(Strict):
    def page(self, token):
        metas = '<meta name="csrf-param" content="x"><meta name="csrf-token" content="{}">'
        return Response(200, metas.format(token))

    def returned(self, request):
        return request.headers.get("x-csrf-token")


class InACookie(Strict):
    def page(self, token):
        return Response(200, "", [("Set-Cookie", f"XSRF-TOKEN={quote(token)}; Path=/")])

    def returned(self, request):
        return request.headers.get("x-xsrf-token")


class InAHeader(Strict):
    def page(self, token):
        return Response(200, "", [("X-CSRF-Token", token)])

    def returned(self, request):
        return request.headers.get("x-csrf-token")


@pytest.mark.parametrize("app", [InAHiddenField, InAMeta, InACookie, InAHeader])
def test_the_token_is_found(app, tmp_path):
    assert verdict_of(app(), tmp_path, "1").verdict == Verdict.HOLDS


class FromItsOwnPagesOnly(App):
    def require_form_token(self, request):
        origin = f"http://{request.headers['host']}"
        if (request.headers.get("origin"), request.headers.get("sec-fetch-site")) != (
            origin,
            "same-origin",
        ):
            raise Refused(Response(403, "This form was sent from another site."))


def test_a_form_says_where_it_comes_from(tmp_path):
    assert verdict_of(FromItsOwnPagesOnly(), tmp_path, "1").verdict == Verdict.HOLDS


@pytest.fixture
def bearer_report(tmp_path):
    """The report on a bearer app: the token is in the JSON answer of the login."""

    def run(app, *numbers):
        with file_of(app, tmp_path) as path:
            before, _, rest = path.read_text().partition("[login]")
            rest = rest[rest.index("[logout]") :]
            words = {"email": "{login}", "password": "{password}"}
            shown = ", ".join(f"{key} = {json.dumps(value)}" for key, value in words.items())
            login = f'[login]\nurl = "/login"\njson = {{ {shown} }}\ntoken = "data.token"\n'
            path.write_text(before + login + rest)
            return report_on(path, *numbers)

    return run


@pytest.fixture
def bearer(bearer_report):
    def run(app, *numbers):
        results = bearer_report(app, *numbers).results
        return {result.scenario.number: result.verdict for result in results}

    return run


class Bearer(App):
    """It sets no cookie, and takes none."""

    def presented(self, request):
        return request.bearer

    def answer(self, request):
        response = super().answer(request)
        response.headers = [pair for pair in response.headers if pair[0] != "Set-Cookie"]
        return response


def test_a_right_bearer_app_holds(bearer):
    told = bearer(Bearer(), *[number for number in SCENARIOS if number != "15"])
    no_cookie = {"17", "19", "26", "28", "33", "36", "37"}
    assert {number for number, one in told.items() if one == Verdict.NOT_OFFERED} == no_cookie
    others = {number: one for number, one in told.items() if number not in no_cookie}
    assert others == dict.fromkeys(others, Verdict.HOLDS)


@pytest.mark.parametrize(
    ("number", "app"), [("2", NothingEnds), ("6", None), ("5", ANewPasswordEndsThisToo)]
)
def test_a_wrong_bearer_app_is_caught(number, app, bearer):
    class Wrong(Bearer, *([app] if app else [])):
        def log_out(self, request, session):
            return Response(204)

    assert bearer(Wrong(), number) == {number: Verdict.BROKEN}


def test_the_report_on_a_bearer_app_says_token_where_others_have_a_cookie(bearer_report):
    class LogoutEndsNothing(Bearer):
        def log_out(self, request, session):
            return Response(204)

    report = bearer_report(LogoutEndsNothing(), "6", "19")
    broken, not_offered = (" ".join(story(report, one).split()) for one in report.results)
    assert "6 broken A copied token no longer works after an ordinary logout" in broken
    assert "a person who copied the token stays in" in broken
    assert "cookie" not in broken
    assert "The session's cookie is HttpOnly" in not_offered


def test_a_bearer_app_is_told_nothing_of_cookies_that_it_has_not():
    app = SimpleNamespace(is_bearer=True)
    told = [one.told_of(app) for one in all_scenarios() if not one.of_cookies]
    assert not [one.number for one in told if "cookie" in f"{one.title}{one.story}{one.mend}"]


class AnApiOfBasicTokens(App):
    """Its API takes a token as the user name of Basic authentication, and in no other way."""

    def checked(self, request):
        if request.path != "/api/me":
            return super().checked(request)
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        name, _, password = b64decode(sent).decode().partition(":")
        if kind != "Basic" or password or name not in self.api_tokens:
            raise Refused(self.refusal(request))
        return self.api_tokens[name], []


class ABasicTokenOutlives(TheApiTokenOutlives, AnApiOfBasicTokens):
    pass


@pytest.mark.parametrize(
    ("app", "verdict"),
    [(AnApiOfBasicTokens, Verdict.HOLDS), (ABasicTokenOutlives, Verdict.BROKEN)],
)
def test_a_token_may_be_the_user_name_of_basic_authentication(app, verdict, tmp_path):
    with file_of(app(), tmp_path) as path:
        api = '[api]\nheaders = { Authorization = "Basic {basic_token}" }'
        path.write_text(path.read_text().replace("[api]", api))
        (result,) = report_on(path, "30").results
    assert result.verdict == verdict, result.reason


def test_a_cookie_is_kept_to_the_letter():
    jar = Jar()
    jar.take('a="x y, z"; Path=/; HttpOnly; SameSite=Lax', "/login")
    jar.take("b=1=2; path=/sub", "/login")
    assert jar.header("/") == 'a="x y, z"'
    assert jar.header("/sub/page") == 'b=1=2; a="x y, z"'
    assert jar.header("/subpage") == 'a="x y, z"'
    assert jar.cookies[0].flags == {"path": "/", "httponly": "", "samesite": "Lax"}


@pytest.mark.parametrize(
    "gone", ["a=; Max-Age=0", "a=; Max-Age=-1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_a_cookie_is_taken_back(gone):
    jar = Jar()
    jar.take("a=1; Path=/", "/")
    jar.take(gone, "/")
    assert jar.header("/") == ""


def test_a_browser_that_is_closed_keeps_what_has_a_date():
    jar = Jar()
    jar.take("session=1; Path=/", "/")
    jar.take("remember=2; Path=/; Max-Age=100", "/")
    assert jar.after_the_browser_was_closed().header("/") == "remember=2"


@pytest.mark.parametrize("header", ["", ";", "=x", "  ;Path=/"])
def test_a_cookie_without_a_name_is_none(header):
    assert read_cookie(header, "/") is None


def test_a_copy_shares_nothing_but_the_log():
    one = Browser(None, None, "one", [])
    one.jar.take("a=1; Path=/", "/")
    other = one.copy("other")
    other.jar.take("a=2; Path=/", "/")
    assert one.jar.header("/") == "a=1"
    assert other.log is one.log

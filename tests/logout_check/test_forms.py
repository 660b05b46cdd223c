"""Forms as apps have them: where one is, where it goes, and how it is refused."""

import re

import pytest

from logout_check.forms import Page
from logout_check.verdicts import Verdict
from tests.support.logout_check.reports import report_on
from tests.support.logout_check.right import App, Response, file_of
from tests.support.logout_check.wrong import AFormIsNotChecked, ANameEndsTheSessions

pytestmark = pytest.mark.slow  # servers, and many logins


@pytest.fixture
def result_of(tmp_path):
    """The result of one scenario on this app, whose file is changed in places first."""

    def run(app, number, **changes):
        with file_of(app, tmp_path) as path:
            text = path.read_text()
            for table, lines in changes.items():
                before, _, rest = text.partition(f"[{table}]\n")
                assert rest
                text = f"{before}[{table}]\n{lines}\n[" + rest.partition("\n[")[2]
            path.write_text(text)
            return report_on(path, number).results[0]

    return run


class ALoginWithoutAPage(App):
    """As FastAPI has it: the login takes a form, and shows none."""

    def show_login(self, request):
        return Response(405, "Method Not Allowed")


def test_a_login_without_a_page_is_no_public_page(result_of):
    assert result_of(ALoginWithoutAPage(), "35").verdict == Verdict.HOLDS
    result = result_of(ALoginWithoutAPage(), "35", public="urls = []")
    assert result.verdict == Verdict.NOT_OFFERED
    assert result.reason == "The file has no public, and its login is no page."


class AResetWithItsOwnAddress(App):
    """The page behind the link has a form that goes elsewhere, with the key in a hidden field or
    in the address."""

    by_query = False

    def show_reset(self, request):
        response = super().show_reset(request)
        if response.status == 200:
            key = request.path.rpartition("/")[2]
            action, hidden = ("/reset/done", f'<input type="hidden" name="key" value="{key}">')
            if self.by_query:
                action, hidden = f"done?key={key}", ""
            response.body = (
                '<form action="/search"><input name="q"></form>'
                f'<form action="{action}" method="post">{hidden}<input name="new_password"></form>'
            )
        return response

    def use_reset(self, request):
        path, _, query = request.path.partition("?")
        if path != "/reset/done":
            return Response(405, "This page takes no form.")
        request.path = f"/reset/{request.form.get('key') or query.partition('=')[2]}"
        return super().use_reset(request)


class AResetWithTheKeyInTheAddress(AResetWithItsOwnAddress):
    by_query = True


@pytest.mark.parametrize("app", [AResetWithItsOwnAddress, AResetWithTheKeyInTheAddress])
def test_a_form_goes_where_it_says(app, result_of):
    result = result_of(app(), "29")
    assert result.verdict == Verdict.HOLDS, result.reason


def test_a_page_may_be_a_link(result_of):
    form = 'form = { new_password = "{new_password}" }'
    lines = f'url = "/reset/done"\npage = "{{link}}"\n{form}'
    result = result_of(AResetWithItsOwnAddress(), "29", reset_use=lines)
    assert result.verdict == Verdict.HOLDS, result.reason


def test_a_page_may_hold_the_token_of_a_link(result_of):
    class PrintsTheKeyAlone(AResetWithItsOwnAddress):
        def operator_reset_link(self, user):
            return self.newest_link.rpartition("/")[2]

    lines = 'page = "/reset/{link}"\nform = { new_password = "{new_password}" }'
    result = result_of(PrintsTheKeyAlone(), "29", reset_use=lines)
    assert result.verdict == Verdict.HOLDS, result.reason


class AMailThatTakesAWhile(App):
    """Nobody has a mail at first. A new one comes in when somebody has looked for it twice."""

    looks, mailbox = 0, ""

    def ask_for_reset(self, request):
        self.looks = 0
        return super().ask_for_reset(request)

    def operator_reset_link(self, user):
        self.looks += 1
        if self.looks > 2:
            self.mailbox = self.newest_link
        if not self.mailbox:
            raise FileNotFoundError("mail.txt")
        return self.mailbox


def test_a_mail_may_take_a_while(result_of):
    result = result_of(AMailThatTakesAWhile(), "29")
    assert result.verdict == Verdict.HOLDS, result.reason


def test_a_mail_that_never_comes_tells_nothing(result_of, monkeypatch):
    class NoMail(App):
        def operator_reset_link(self, user):
            raise FileNotFoundError("mail.txt")

    monkeypatch.setattr("logout_check.scenarios.credentials.MAIL_SECONDS", 1)
    result = result_of(NoMail(), "29")
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert "mail.txt" in result.reason


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("", "/a/b?x=1"),
        ("?y=2", "/a/b?y=2"),
        ("c", "/a/c"),
        ("/d?z=3#e", "/d?z=3"),
        ("https://x.example/f", "https://x.example/f"),
    ],
)
def test_where_a_form_goes(action, target):
    (form,) = Page(f'<form action="{action}">', "/a/b?x=1").forms
    assert form.target == target


class ANameOnHomeOnly(App):
    def routed(self, request):
        if (request.method, request.path) == ("GET", "/profile"):
            return Response(200, '<form action="/profile"><input name="name"></form>')
        return super().routed(request)


PROFILE = 'url = "/profile"\npage = "/profile"\nform = { name = "{new_name}" }'


@pytest.mark.parametrize("number", ["14", "38"])
def test_a_new_name_may_be_shown_on_the_page_of_those_in(number, result_of):
    result = result_of(ANameOnHomeOnly(), number, profile=PROFILE)
    assert result.verdict == Verdict.HOLDS, result.reason


class ANameIsRefused(App):
    """The form is shown again, with a 200."""

    def change_name(self, request, session):
        return Response(200, '<form action="/profile"><input name="name"></form> Too long.')


@pytest.mark.parametrize("number", ["14", "38"])
def test_a_name_that_was_not_changed_proves_nothing(number, result_of):
    result = result_of(ANameIsRefused(), number)
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert result.reason == "A new name is not shown on profile.page, nor on in.url."


GREETED = 'url = "/"\ntext = "Hello, {name}</h1>"'


class TheSessionKeepsTheOldName(App):
    """Each browser is greeted by the name with which it signed in."""

    def begin_session(self, request, user, response):
        session = super().begin_session(request, user, response)
        session.bag = f"<h1>Hello, {user.name}</h1>"
        return session

    def home(self, request, session):
        return Response(200, session.bag)

    def routed(self, request):
        if (request.method, request.path) == ("GET", "/profile"):
            session, _ = self.checked(request)
            return Response(200, self.users[session.login].name)
        return super().routed(request)


@pytest.mark.parametrize("number", ["14", "38"])
@pytest.mark.parametrize(
    ("app", "profile"),
    [(App, PROFILE.replace("page", "# page")), (TheSessionKeepsTheOldName, PROFILE)],
)
def test_a_greeting_may_have_the_new_name_or_the_old_one(number, app, profile, result_of):
    result = result_of(app(), number, **{"in": GREETED, "profile": profile})
    assert (result.verdict, result.left) == (Verdict.HOLDS, []), result.reason


def test_a_greeting_with_a_new_name_hides_no_change(result_of):
    result = result_of(AFormIsNotChecked(), "38", **{"in": GREETED})
    assert (result.verdict, result.left) == (Verdict.BROKEN, []), result.reason


def test_a_greeting_with_the_new_name_hides_no_end(result_of):
    result = result_of(ANameEndsTheSessions(), "14", **{"in": GREETED})
    assert result.verdict == Verdict.BROKEN


class ThePasswordIsRefused(App):
    """The form is shown again, with a 200."""

    def show_password(self):
        return Response(
            200,
            '<form action="/password"><input type="password" name="current_password">'
            '<input type="password" name="new_password"></form>That is too simple.',
        )

    def change_password(self, request, session):
        return self.show_password()


def test_a_password_form_that_is_shown_again_is_a_refusal(result_of):
    result = result_of(ThePasswordIsRefused(), "4")
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert "POST /password answers 200 and shows the form again" in result.reason
    assert result.left == []


class ThePasswordIsTakenOnTheSamePage(ThePasswordIsRefused):
    def change_password(self, request, session):
        response = App.change_password(self, request, session)
        shown = self.show_password()
        shown.headers = response.headers[1:]
        return shown


def test_unless_the_file_says_what_agrees(result_of):
    lines = (
        'url = "/password"\nsays = "simple"\n'
        'form = { current_password = "{password}", new_password = "{new_password}" }'
    )
    result = result_of(ThePasswordIsTakenOnTheSamePage(), "4", password=lines)
    assert result.verdict == Verdict.HOLDS, result.reason


class TheLoginIsShownAfterwards(App):
    """With a 200, and a field that has the same name."""

    def log_out_everywhere(self, request, session):
        request.form["current_password"] = request.form.get("password", "")
        super().log_out_everywhere(request, session)
        return self.show_login(request)


def test_the_login_form_is_no_refusal(result_of):
    lines = 'url = "/everywhere"\nform = { password = "{password}" }'
    result = result_of(TheLoginIsShownAfterwards(), "2", everywhere=lines)
    assert result.verdict == Verdict.HOLDS, result.reason


class AHomeForAll(App):
    def refusal(self, request):
        return Response(200, "Hello, whoever you are.")


def test_where_nobody_is_refused_no_program_is(result_of):
    result = result_of(AHomeForAll(), "20", **{"in": GREETED})
    assert result.verdict == Verdict.NOT_OFFERED
    assert result.reason == "in.url opens for strangers too: nobody is refused there."


def test_a_text_that_is_not_on_the_page_is_named(result_of):
    result = result_of(App(), "1", **{"in": 'url = "/"\ntext = "Greetings, {name}"'})
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert "200, without 'Greetings, Alice' (in.text). Is the password right?" in result.reason


def test_an_end_by_the_operator_alone_is_said_to_be_one(tmp_path):
    with file_of(App(), tmp_path) as path:
        by_button = report_on(path, "2").results[0]
        text = path.read_text()
        head, _, rest = text.partition("[everywhere]\n")
        path.write_text(f"{head}[" + rest.partition("\n[")[2])
        by_command = report_on(path, "2").results[0]
    assert (by_button.verdict, by_button.reason) == (Verdict.HOLDS, "")
    assert by_command.verdict == Verdict.HOLDS
    assert by_command.reason == "by the operator's rotate: the file has no everywhere"


class TheAnswerToANewPasswordIsLost(App):
    def change_password(self, request, session):
        super().change_password(request, session)
        return Response(200, "not packed", [("Content-Encoding", "gzip")])

    def operator_give_back(self, user):
        self.with_password(user, "the secret of Alice")


@pytest.mark.parametrize("given_back", [True, False])
def test_an_operator_gives_back_a_password_of_which_the_tool_knows_nothing(tmp_path, given_back):
    with file_of(TheAnswerToANewPasswordIsLost(), tmp_path) as path:
        text = path.read_text()
        if given_back:
            rotate = re.search("^rotate = (.*)$", text, re.MULTILINE)[1]
            path.write_text(f"{text}\npassword = {rotate.replace('rotate', 'give_back')}\n")
        report = report_on(path, "4", "2")
    lost, after = (result.verdict for result in report.results)
    assert lost == Verdict.COULD_NOT_TELL
    assert after == (Verdict.HOLDS if given_back else Verdict.COULD_NOT_TELL)

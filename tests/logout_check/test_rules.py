"""The tester itself, broken: a scenario that passes always, looks never, or forgets the copy."""

import copy
from dataclasses import replace

import pytest

from logout_check import webapp
from logout_check.play import Play
from logout_check.reports.data import as_json
from logout_check.scenarios import SCENARIOS
from logout_check.verdicts import Verdict
from tests.support.logout_check.reports import report_of, report_on, verdict_of
from tests.support.logout_check.right import App, Response, file_of
from tests.support.logout_check.wrong import (
    EverybodyIsLoggedOut,
    LogoutClearsTheCookie,
    NothingEnds,
)

pytestmark = pytest.mark.slow  # servers, and many logins

ALL = sorted(SCENARIOS, key=int)


def with_act(monkeypatch, number, act):
    monkeypatch.setitem(SCENARIOS, number, replace(SCENARIOS[number], act=act))


@pytest.mark.parametrize("number", ALL)
def test_a_scenario_that_always_passes_is_no_pass(number, tmp_path, monkeypatch):
    with_act(monkeypatch, number, lambda play: None)
    result = verdict_of(App(), tmp_path, number)
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert result.reason == "The scenario has looked at nothing."


@pytest.mark.parametrize("answer", [True, False])
def test_a_tester_that_never_looks_gives_no_verdict_on_an_end(answer, tmp_path, monkeypatch):
    """Whatever it believes to have seen, scenario 2 does not hold on both of these apps."""
    monkeypatch.setattr(Play, "is_in", lambda *_: answer)
    told = [verdict_of(app(), tmp_path, "2").verdict for app in (App, NothingEnds)]
    assert Verdict.HOLDS not in told


def test_a_copy_that_is_forgotten_is_no_pass(tmp_path, monkeypatch):
    """A "copy" without the cookie is out, before and after: that proves nothing."""
    forgetful = lambda self, browser, who="the copy": self.watch(self.browser(who))  # noqa: E731
    monkeypatch.setattr(Play, "copy", forgetful)
    for number in ("2", "6", "7", "26", "11", "25"):
        result = verdict_of(App(), tmp_path, number)
        assert (number, result.verdict) == (number, Verdict.COULD_NOT_TELL)


def test_a_look_uses_up_nothing(tmp_path, monkeypatch):
    """The laptop's own jar is what it was: the answer to a look is not taken."""
    seen = {}

    def act(play):
        laptop = play.signed_in("Alice's laptop")
        before = laptop.known_by()
        play.end_everywhere(laptop)
        play.is_in(laptop)
        seen["same"] = before == laptop.known_by()
        play.require(True, "")

    with_act(monkeypatch, "2", act)
    verdict_of(App(), tmp_path, "2")
    assert seen == {"same": True}


def test_when_bob_is_out_too_a_refusal_proves_nothing(tmp_path):
    result = verdict_of(EverybodyIsLoggedOut(), tmp_path, "2")
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert "Bob is out too" in result.reason


def test_when_nothing_ended_it_proves_nothing_that_bob_is_in(tmp_path):
    assert verdict_of(NothingEnds(), tmp_path, "3").verdict == Verdict.COULD_NOT_TELL


def test_what_the_file_does_not_describe_is_not_offered(tmp_path):
    with file_of(App(), tmp_path) as path:
        text = path.read_text()
        path.write_text(text[: text.index("[remember]")])
        report = report_on(path, *[number for number in ALL if SCENARIOS[number].needs])
    told = {result.scenario.number: result.verdict for result in report.results}
    assert set(told.values()) == {Verdict.HOLDS, Verdict.NOT_OFFERED}
    assert [number for number, verdict in told.items() if verdict == Verdict.HOLDS] == ["28"]


def test_all_is_put_back(tmp_path):
    app = App()
    before = copy.deepcopy(app.users)
    report = report_of(app, tmp_path, *ALL)
    assert [result.left for result in report.results if result.left] == []
    for user in app.users.values():
        assert app.authenticate(user.login, f"the secret of {before[user.login].name}")
        assert (user.name, user.active) == (before[user.login].name, True)


class TheOldPasswordIsRefused(App):
    """As a rule against passwords of before does it."""

    def change_password(self, request, session):
        if request.form["new_password"] == "the secret of Alice":
            return Response(422, "You have had this password before.")
        return super().change_password(request, session)


def test_what_cannot_be_put_back_is_said(tmp_path):
    report = report_of(TheOldPasswordIsRefused(), tmp_path, "4")
    (result,) = report.results
    assert result.verdict == Verdict.HOLDS
    (left,) = result.left
    assert left.startswith("Alice's password could not be put back: ")


def stopped_after_a_new_password(play):
    play.change_password(play.signed_in("Alice's laptop"))
    raise KeyboardInterrupt


def test_who_stops_the_run_gets_the_password_back(tmp_path, monkeypatch):
    with_act(monkeypatch, "4", stopped_after_a_new_password)
    app = App()
    with pytest.raises(KeyboardInterrupt):
        report_of(app, tmp_path, "4")
    assert app.authenticate("alice@example.com", "the secret of Alice")


def test_requests_are_bounded_and_what_was_changed_is_put_back(tmp_path, monkeypatch):
    monkeypatch.setattr(webapp, "MOST_REQUESTS", 25)
    app = App()
    report = report_of(app, tmp_path, "4", "7", "2")
    assert [result.verdict for result in report.results] == [
        Verdict.HOLDS,
        Verdict.COULD_NOT_TELL,
        Verdict.COULD_NOT_TELL,
    ]
    assert "makes no more" in report.results[1].reason
    assert [result.left for result in report.results] == [[], [], []]
    assert app.authenticate("alice@example.com", "the secret of Alice")


class NobodyIsLetIn(App):
    def __init__(self):
        super().__init__()
        self.tries = 0

    def authenticate(self, login, password):
        self.tries += 1


def test_a_password_that_is_refused_is_tried_once(tmp_path):
    app = NobodyIsLetIn()
    report = report_of(app, tmp_path, *ALL)
    assert app.tries == 1
    assert report.exit_code == 2
    assert report.stopped.startswith("Alice cannot sign in, or does not stay in: POST /login")


def test_no_secret_is_in_a_report(tmp_path):

    class Telling(App):
        """It repeats what it is told, where a report might show it."""

        def change_password(self, request, session):

            super().change_password(request, session)
            where = f"/{request.form['new_password']}/{request.form['current_password']}"
            return Response(303, "", [("Location", where)])

    report = report_of(Telling(), tmp_path, *ALL)
    told = as_json(report)
    assert "•••" in told
    assert "the secret of" not in told
    assert "Aa1-" not in told


@pytest.mark.parametrize(
    ("app", "expected", "code"),
    [
        (App, "[]", 0),
        (LogoutClearsTheCookie, "[]", 1),
        (LogoutClearsTheCookie, "[6]", 0),
        (LogoutClearsTheCookie, '["6 could not tell"]', 1),
        (App, "[6]", 1),
        (EverybodyIsLoggedOut, "[]", 2),
        (EverybodyIsLoggedOut, '["6 holds", "2 could not tell"]', 0),
    ],
)
def test_exit_codes(app, expected, code, tmp_path):

    with file_of(app(), tmp_path) as path:
        path.write_text(f"expected = {expected}\n" + path.read_text())
        report = report_on(path, "6", "2")
    assert report.exit_code == code

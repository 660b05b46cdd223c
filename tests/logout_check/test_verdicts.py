"""Can the verdicts be trusted? A right app holds, and each scenario catches a wrong one."""

import pytest

from logout_check.scenarios import SCENARIOS, all_scenarios
from logout_check.scenarios.signing_in import differ
from logout_check.verdicts import Verdict
from tests.support.logout_check.reports import verdict_of
from tests.support.logout_check.right import App, Response
from tests.support.logout_check.wrong import (
    WRONG,
    ALoginEndsTheLinks,
    ANewLoginEndsTheOthers,
    AQuickMoment,
    FromBefore,
    Meeting,
    NoHashForNobody,
)

pytestmark = pytest.mark.slow  # servers, and many logins


class Slow(App):
    rounds = 60_000


@pytest.mark.parametrize("number", [scenario.number for scenario in all_scenarios()])
def test_a_right_app_holds(number, tmp_path):
    app = {"13": Meeting, "15": Slow}.get(number, App)()
    result = verdict_of(app, tmp_path, number)
    assert (result.verdict, result.left) == (Verdict.HOLDS, []), result.reason


class LimitsTries(NoHashForNobody):
    """After four tries it checks no password, and answers as to a wrong one."""

    tries, rounds, page = 0, 120_000, 40_000

    def log_in(self, request):
        self.tries += 1
        self.digest("the time that the page takes", self.page)
        if self.tries > 4:
            return Response(401, "Invalid credentials")
        return super().log_in(request)


def test_a_refusal_for_too_many_tries_says_nothing_of_time(tmp_path):
    result = verdict_of(LimitsTries(), tmp_path, "15")
    assert result.verdict == Verdict.COULD_NOT_TELL
    assert "the login refuses Bob's right password too: it limits tries" in result.reason


def test_an_app_that_allows_one_session_can_be_timed(tmp_path):
    class OneSession(ANewLoginEndsTheOthers, Slow):
        pass

    result = verdict_of(OneSession(), tmp_path, "15")
    assert result.verdict == Verdict.HOLDS, result.reason


def test_one_quick_answer_of_a_busy_machine_refuses_no_app(tmp_path):
    result = verdict_of(AQuickMoment(), tmp_path, "15")
    assert result.verdict in (Verdict.HOLDS, Verdict.COULD_NOT_TELL), result.reason


@pytest.mark.parametrize(
    ("known", "unknown", "told"),
    [
        ([250, 260, 900, 251, 280, 255], [4, 5, 600, 4, 6, 5], True),
        ([4, 5, 600, 4, 6, 5], [250, 260, 900, 251, 280, 255], True),
        ([9, 11, 10, 30, 9, 12], [8, 13, 10, 11, 9, 31], False),
        ([9, 31, 30, 33, 32, 30], [29, 31, 32, 30, 33, 34], False),
        ([9, 31, 30, 33, 32, 30], [34, 35, 36, 35, 34, 39], False),
    ],
)
def test_two_kinds_of_answers_differ_if_nearly_all_do(known, unknown, told):
    assert differ(known, unknown) is told


class OneSessionFromBefore(ANewLoginEndsTheOthers, FromBefore):
    pass


@pytest.mark.parametrize(
    ("number", "right"),
    [("21", FromBefore), ("21", OneSessionFromBefore), ("29", ALoginEndsTheLinks)],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_another_right_app_holds(number, right, tmp_path):
    result = verdict_of(right(), tmp_path, number)
    assert result.verdict == Verdict.HOLDS, result.reason


@pytest.mark.parametrize(("number", "wrong"), WRONG, ids=lambda one: getattr(one, "__name__", one))
def test_a_wrong_app_is_caught(number, wrong, tmp_path):
    result = verdict_of(wrong(), tmp_path, number)
    assert result.verdict == Verdict.BROKEN, result.reason


def test_there_is_a_wrong_app_for_every_scenario():
    assert {number for number, _ in WRONG} == set(SCENARIOS)

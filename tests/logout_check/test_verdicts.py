"""Can the verdicts be trusted? A right app holds, and each scenario catches a wrong one."""

import pytest

from logout_check.scenarios import SCENARIOS, all_scenarios
from logout_check.verdicts import Verdict
from tests.support.logout_check.reports import verdict_of
from tests.support.logout_check.right import App
from tests.support.logout_check.wrong import WRONG, Meeting

pytestmark = pytest.mark.slow  # servers, and many logins


class Slow(App):
    rounds = 60_000


@pytest.mark.parametrize("number", [scenario.number for scenario in all_scenarios()])
def test_a_right_app_holds(number, tmp_path):
    app = {"13": Meeting, "15": Slow}.get(number, App)()
    result = verdict_of(app, tmp_path, number)
    assert (result.verdict, result.left) == (Verdict.HOLDS, []), result.reason


@pytest.mark.parametrize(("number", "wrong"), WRONG, ids=lambda one: getattr(one, "__name__", one))
def test_a_wrong_app_is_caught(number, wrong, tmp_path):
    result = verdict_of(wrong(), tmp_path, number)
    assert result.verdict == Verdict.BROKEN, result.reason


def test_there_is_a_wrong_app_for_every_scenario():
    assert {number for number, _ in WRONG} == set(SCENARIOS)

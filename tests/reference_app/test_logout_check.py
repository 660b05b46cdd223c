"""The reference app, served as in production, holds all scenarios of the tester that it offers.

What has no scenario is held by other tests: a download that ends, the e-mail address.
"""

import pytest

from logout_check.scenarios import KILL, all_scenarios
from tests.support.databases import new_database
from tests.support.logout_check.reference import BY_ADMIN, WAYS, deployed
from tests.support.logout_check.reports import report_on

pytestmark = pytest.mark.slow  # servers, and many logins

NOT_OFFERED = {
    "29": "A forgotten password has no link by mail: the operator gives a new one.",
    "30": "There are no API tokens: a program signs in as a person does.",
    "31": "There is no WebSocket.",
    "32": "There is no WebSocket.",
    "34": "No other origin may ask.",
    "40": "The cost of bcrypt stays: how to raise it is a page of its own, with its own tests.",
}
OWN_BUTTON, *OTHER_WAYS = WAYS


@pytest.fixture
def database(request, tmp_path):
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def check(tmp_path):
    """Serves the app, and says of these scenarios what does not hold, by number."""

    def checked(url, way, numbers):
        with deployed(tmp_path, url, way) as file:
            report = report_on(file, *numbers)
        assert [result.left for result in report.results if result.left] == []
        return {
            result.scenario.number: (result.verdict.value, result.reason)
            for result in report.results
            if result.verdict != "holds"
        }

    return checked


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_all_that_the_app_offers_holds(check, database):
    not_held = check(database, OWN_BUTTON, [one.number for one in all_scenarios()])
    found = {number: verdict for number, (verdict, _) in not_held.items()}
    assert found == dict.fromkeys(NOT_OFFERED, "not offered"), not_held


@pytest.mark.parametrize("way", OTHER_WAYS)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_ends_sessions_holds_whoever_ends_them(check, database, way):
    ends = {KILL, *(f"operator.{name}" for name in BY_ADMIN)}
    numbers = [
        one.number
        for one in all_scenarios()
        if ends & {*one.needs} and one.number not in NOT_OFFERED
    ]
    assert len(numbers) > 10
    assert check(database, way, numbers) == {}

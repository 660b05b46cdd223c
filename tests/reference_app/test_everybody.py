"""An end of everybody's sessions loses to nobody: neither to admins nor to any member's form.

`python -m benchmarks everybody` does the same for a minute.
"""

import pytest

from tests.support.everybody import ADMINS, MEMBERS, race

pytestmark = pytest.mark.slow  # five seconds of requests by many
SECONDS = 5


def test_no_end_of_everybody_fails(postgresql, record_property):
    ran = race(postgresql, SECONDS)
    figures = ran.figures()
    failed, conflicts, broken = (figures[name] for name in ("failed", "409", "5xx"))
    record_property(
        "figure",
        f"everybody's sessions ended {figures['ends']} times among {figures['requests']} requests: "
        f"ends that failed: {failed}; answers 409: {conflicts}, 5xx: {broken}",
    )
    assert ran.failures() == []
    assert broken == 0
    assert ran.statuses().keys() <= {200, 303, 401, 409, 422}
    assert conflicts == ran.statuses("/email")[409]
    assert ran.audited == figures["ends"]
    # All of them were at work.
    assert ran.on_the_page()[200]
    assert ran.complaints
    assert ran.statuses("/admin/users", *ADMINS)[200]
    assert ran.statuses("/email", *MEMBERS)[422]
    assert any(path == "/profile" and location == "/" for _, path, _, location in ran.answers)
    assert ran.statuses("/login", *MEMBERS)[303]

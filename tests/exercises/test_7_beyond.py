"""Beyond step 7: what was changed past the app is in the audit, once."""

from datetime import UTC, datetime, timedelta

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB
from tests.support.databases import audit, execute

STEP = find_step(7)
OUTSIDE = "changed outside the app"


@pytest.mark.parametrize("change", ["password_digest = 'x'", "role = 'admin'", "active = FALSE"])
def test_a_change_past_the_app_is_in_the_audit(database_url, change):
    execute(database_url, f"UPDATE users SET {change} WHERE email = ?", ALICE.email)
    assert audit(database_url) == [(None, ALICE.email, OUTSIDE, "")]
    ((at,),) = execute(database_url, "SELECT at FROM audit")
    at = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    assert abs(datetime.now(UTC) - at.replace(tzinfo=UTC)) < timedelta(minutes=1)


def test_one_statement_for_all_is_one_row_for_each(database_url):
    execute(database_url, "UPDATE users SET role = 'admin'")
    assert sorted(subject for _, subject, _, _ in audit(database_url)) == [ALICE.email, BOB.email]


def test_the_apps_own_change_has_one_row_and_it_is_the_apps(User, database_url):
    User.get(User.email == ALICE.email).set_role("admin", by=BOB.email, reason="promoted")
    assert audit(database_url) == [(BOB.email, ALICE.email, "role set to admin", "promoted")]


def test_what_ends_no_session_has_no_row(database_url):
    execute(database_url, "UPDATE users SET name = 'A', role = role")
    assert audit(database_url) == []

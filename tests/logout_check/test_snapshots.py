"""On every step the tester, from outside, agrees with the matrix, which knows the app's inside."""

import pytest

from lessons.kit.course.steps import all_steps
from lessons.kit.proof.processes import call_apart
from lessons.kit.stage import matrix
from tests.support.logout_check import snapshots

pytestmark = pytest.mark.slow  # servers, and many logins

# A scenario of the tester, and the cases of the matrix that say the same. It holds if they all
# do. "Only if" is a case without which the tester cannot tell: nothing ended, or nobody can.
SAME = {
    "1": ["the_next_page"],
    "2": ["the_other_device", "a_copy"],
    "3": ["somebody_else", "signing_in_again"],
    "4": ["the_other_device_and_a_new_password"],
    "5": ["the_same_device_and_a_new_password"],
    "6": ["an_ordinary_logout"],
    "7": ["a_copy_and_a_new_password"],
    "8": ["a_leaver"],
    "9": ["a_leaver_signs_in"],
    "10": ["a_new_role"],
    "11": ["plain_sql"],
    "12": ["a_stale_object"],
    "13": ["a_login_during_the_change"],
    "14": ["a_profile_edit"],
    "25": ["a_leaver_comes_back"],
    "27": ["a_deleted_account"],
}
ONLY_IF = {"3": "the_other_device", "12": "the_other_device", "9": "a_leaver"}


def expected(number, cells):
    """The tester's verdict, by what the matrix says."""
    same = [cells[name] for name in SAME[number]]
    first = ONLY_IF.get(number)
    nothing = {matrix.NOBODY, matrix.NOT_YET} & {found for found, _ in same}
    if nothing or (first and not good(cells[first])):
        return "could not tell"
    return "holds" if all(map(good, same)) else "broken"


def good(cell):
    found, should_be = cell
    return found == should_be


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.folder.name)
def test_the_tester_agrees_with_the_matrix(step):
    found = call_apart(matrix.verdicts, step.folder, timeout=120)
    cells = {
        case.play.__name__: (verdict, case.should_be)
        for case, verdict in zip(matrix.CASES, found, strict=True)
    }
    told = call_apart(snapshots.verdicts, step.folder.name, list(SAME), timeout=120)
    assert told == {number: expected(number, cells) for number in SAME}


def test_every_case_of_the_mapping_is_in_the_matrix():
    cases = {case.play.__name__ for case in matrix.CASES}
    assert {name for names in SAME.values() for name in names} | set(ONLY_IF.values()) <= cases


def test_of_step_3_nothing_can_be_told():
    step = all_steps()[3]
    told = call_apart(snapshots.verdicts, step.folder.name, list(SAME), timeout=120)
    assert set(told.values()) == {"could not tell"}

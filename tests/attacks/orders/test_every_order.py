"""Every order of two or three deeds keeps every promise, and in wrong apps the machine finds one.

A process can have one app, so each exploration has its own process.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from lessons.kit.course.mistakes import all_mistakes, patch_app
from lessons.kit.course.steps import ROOT, all_steps, find_step
from lessons.kit.proof.processes import call_apart
from lessons.kit.stage.order_pictures import KEPT_ALL, picture_of
from lessons.kit.stage.rehearsal import ALL, PAIRS, find_broken, groups_named, rehearsal

SNAPSHOT = all_steps()[-1].folder
WRONG = tomllib.loads(Path(__file__).with_name("wrong.toml").read_text("utf-8"))
HOURS = 3600.0  # seconds: a limit for what hangs
SEVERAL = [["name", "end"], ["look", "all"], ["deactivate", "login"], ["login", "password"]]
NAMED = [  # those that the issue of this part names
    "the_guard_is_taken_out",
    "the_guard_forgets_the_row",
    "the_stamp_is_read_again",
    "the_audit_is_written_afterwards",
]
RACES = [mistake for mistake in all_mistakes() if mistake.order]


def explore(folder, server, groups, bound=2):
    return call_apart(find_broken, folder, server, groups, bound, timeout=HOURS)


def test_several_pairs_in_every_order(request):
    folder = request.config.getoption("--app") or SNAPSHOT
    found = explore(folder, "sqlite", SEVERAL)
    assert found["broken"] == []
    assert found["orders"] > (50 if folder == SNAPSHOT else 30)  # some are fewer transactions


def test_two_pairs_on_postgresql(request, postgresql):
    folder = request.config.getoption("--app") or SNAPSHOT
    found = explore(folder, postgresql, SEVERAL[:2])
    assert found["broken"] == []
    assert found["orders"] > 15


# The reference app's core is the last lesson's. The command explores what is left out here.
BESIDE_ADMIN = ["page", "name", "password", "login", "everywhere", "end", "deactivate", "all"]
EXPLORED = [
    (SNAPSHOT, "sqlite", ALL, 2),
    (SNAPSHOT, "postgresql", PAIRS, 2),
    (ROOT / "reference_app", "sqlite", PAIRS, 2),
    (ROOT / "reference_app", "postgresql", [["admin", other] for other in BESIDE_ADMIN], 2),
]


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "kind", "groups", "bound"), EXPLORED)
def test_every_order_keeps_every_promise(folder, kind, groups, bound, postgresql, record_property):
    server = postgresql if kind == "postgresql" else kind
    found = explore(folder, server, groups, bound)
    assert found["broken"] == []
    assert found["orders"] > 50
    played = f"{found['orders']} orders with at most {bound} preemptions"
    record_property("figure", f"{folder.name} on {kind}: {played}")


def usual_and_slow():
    for name in WRONG:
        yield pytest.param(name, marks=[] if name in NAMED[:2] else pytest.mark.slow)


@pytest.fixture
def wrong_app(tmp_path):
    def make(name):
        app = tmp_path / name
        shutil.copytree(SNAPSHOT, app, ignore=shutil.ignore_patterns("__pycache__"))
        patch_app(app, WRONG[name]["patch"])
        return app

    return make


@pytest.mark.parametrize("name", list(usual_and_slow()))
def test_a_wrong_app_breaks_a_promise(name, wrong_app):
    found = explore(wrong_app(name), "sqlite", [WRONG[name]["deeds"]])
    hidden = WRONG[name].get("only") == "postgresql"
    assert bool(found["broken"]) is not hidden


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NAMED, "the_row_is_not_locked"])
def test_on_postgresql_too(name, wrong_app, postgresql):
    assert explore(wrong_app(name), postgresql, [WRONG[name]["deeds"]])["broken"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMED)
def test_it_is_found_among_all_pairs_and_shown_in_fifteen_lines(name, wrong_app):
    app = wrong_app(name)
    found = explore(app, "sqlite", ALL)
    assert found["broken"]
    shown = call_apart(picture_of, app, "sqlite", found["order"], timeout=HOURS)
    assert len(shown) <= 15
    assert shown[0] == f"The order {found['order']}"
    assert f"Broken: {found['broken'][0]}." in shown


def test_the_machine_finds_in_step_6_the_hole_that_step_7_closes():
    """A write is let in, then the session ends, and then the write is done."""
    groups = [["name", "end"]]
    found = explore(find_step(6).folder, "sqlite", groups)
    assert found["broken"] == ["name was written by a session that end had ended"]
    assert found["order"].startswith("name·1 end·")
    assert explore(find_step(7).folder, "sqlite", groups)["broken"] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [4, 5, 6, 7])
def test_only_what_comes_after_the_end_breaks_a_step_before_the_seventh(number):
    """A write by a session that has ended, and the session that such a write begins."""
    kinds = call_apart(all_broken, find_step(number).folder, timeout=HOURS)
    left_open = {"was written by a session that", "has a live session though"}
    assert {kind for kind in left_open if any(kind in broken for broken in kinds)} == (
        {4: {"was written by a session that"}, 7: set()}.get(number, left_open)
    )
    assert [broken for broken in kinds if not any(kind in broken for kind in left_open)] == []


def all_broken(folder):
    """Every sentence about a broken promise in any order."""
    with rehearsal(folder) as stage:
        seen = [one for deeds in groups_named(ALL, stage.world) for one in stage.explore(deeds)]
    return sorted({broken for one in seen for broken in one.broken})


@pytest.mark.slow
@pytest.mark.parametrize("mistake", RACES, ids=lambda mistake: mistake.name)
def test_the_order_on_a_mistakes_page_breaks_it_and_no_right_app(mistake, tmp_path):
    wrong = call_apart(picture_of, mistake.make(tmp_path), "sqlite", mistake.order, timeout=HOURS)
    assert any(line.startswith("Broken: ") for line in wrong)
    right = call_apart(picture_of, mistake.step.folder, "sqlite", mistake.order, timeout=HOURS)
    assert right[-1] == KEPT_ALL


def test_races_of_the_museum_have_their_order():
    assert len(RACES) >= 6

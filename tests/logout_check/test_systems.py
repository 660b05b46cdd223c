"""The page about real systems is what their records make of it, and a record what a run says."""

import json
import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from logout_check.systems.catalogue import all_systems
from logout_check.systems.command import main
from logout_check.systems.environment import CannotPrepare
from logout_check.systems.page import PAGE, differences, earlier, recorded, remade, verdicts
from logout_check.systems.trial import copy_of, tried

SYSTEMS = {system.name: system for system in all_systems()}
QUICK = "6,18,20"
on_posix = pytest.mark.skipif(os.name != "posix", reason="servers end as groups of processes")


def test_every_system_has_a_record():
    assert [system.name for system, _ in recorded()] == list(SYSTEMS)


def test_the_page_is_what_the_records_make_of_it():
    page = PAGE.read_text("utf-8")
    assert page == remade(page)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_difference_from_the_earlier_study_has_its_reason_and_no_other(name):
    record = json.loads(SYSTEMS[name].record.read_text("utf-8"))
    reasons = earlier()["reasons"].get(name, {})
    assert {str(number) for number in differences(SYSTEMS[name], record)} == set(reasons)


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_said_to_hold_at_a_price_or_by_own_lines_does_hold(name):
    record = json.loads(SYSTEMS[name].record.read_text("utf-8"))
    marked = {*SYSTEMS[name].price, *SYSTEMS[name].own}
    assert marked <= {number for number, verdict in verdicts(record).items() if verdict == "holds"}


@pytest.mark.parametrize("name", ["fastapi_jwt", "django_allauth"])
def test_a_system_that_is_like_another_has_its_own_files_and_the_others(name, tmp_path):
    system = SYSTEMS[name]
    copy_of(system, tmp_path)
    other = SYSTEMS[system.like].folder
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        here, there = (root / path.relative_to(tmp_path) for root in (system.folder, other))
        assert path.read_bytes() == (here if here.exists() else there).read_bytes()
    assert {"people.py", "app.toml", "requirements.txt"} <= {
        path.name for path in tmp_path.iterdir()
    }


@on_posix
@pytest.mark.slow
def test_a_system_that_is_started_agrees_with_its_record():
    record = json.loads(SYSTEMS["django"].record.read_text("utf-8"))
    now = tried(SYSTEMS["django"], QUICK, quiet=True)
    assert verdicts(now) == {number: verdicts(record)[number] for number in (6, 18, 20)}
    assert now["versions"] == record["versions"]


@on_posix
def test_a_system_that_does_not_start_is_told_in_one_line_with_its_log():
    broken = replace(SYSTEMS["django"], prepare="true", start="echo no such port >&2; exit 3")
    with pytest.raises(CannotPrepare, match=r"does not answer(.|\n)*no such port"):
        tried(broken)


@on_posix
def test_a_command_that_is_missing_is_told_in_one_line():
    missing = replace(SYSTEMS["django"], prepare="no-such-command")
    with pytest.raises(CannotPrepare, match="no-such-command"):
        tried(missing)


def test_a_name_that_no_system_has_is_refused():
    done = CliRunner().invoke(main, ["run", "nonsense"])
    assert done.exit_code == 2
    assert "Name some of django" in done.output

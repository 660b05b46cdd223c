"""What the live lab is made of: pinned, complete, and never half there."""

import json
import shutil

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from lessons.kit.course.mistakes import all_mistakes
from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.site import lab

LOCK = json.loads((lab.PINS / "package-lock.json").read_text("utf-8"))
WHEELS = [(lab.PINS / f"{group}.txt").read_text("utf-8") for group in lab.WHEELS]
PINNED = [line for wheels in WHEELS for line in wheels.splitlines()]


def test_every_npm_package_has_a_hash_and_names_no_host():
    packages = {name: package for name, package in LOCK["packages"].items() if name}
    assert len(packages) > 20
    assert [name for name, package in packages.items() if not package.get("integrity")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_wheel_has_a_version_and_a_hash():
    assert len(PINNED) > 10
    assert [line for line in PINNED if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_wheels_of_the_lab_are_the_versions_of_the_kit():
    constraints = (ROOT / "constraints.txt").read_text("utf-8").lower().replace("_", "-")
    pins = [line.split()[0].lower().replace("_", "-") for line in PINNED]
    assert [pin for pin in pins if f"{pin}\n" not in constraints] == []


def test_the_lab_gets_the_very_files_of_every_step():
    found = json.loads(lab.repository())
    assert [step["number"] for step in found["steps"]] == [s.number for s in all_steps()[:-1]]
    for step in found["steps"]:
        for path in [step["tests"], *(f"{step['folder']}/{name}" for name in step["files"])]:
            assert found["files"][path] == (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("step", json.loads(lab.repository())["steps"], ids=lambda s: s["folder"])
def test_the_code_of_a_step_opens_at_a_function_that_is_there(step):
    file, name = step["opens_at"].values()
    assert f"def {name}(" in (ROOT / step["folder"] / file).read_text("utf-8")


def test_the_lab_has_every_mistake_with_its_step():
    steps = json.loads(lab.repository())["steps"]
    found = [(step["number"], told["name"]) for step in steps for told in step["mistakes"]]
    assert found == [(m.step.number, m.name) for m in all_mistakes() if m.step != all_steps()[-1]]


def test_the_lab_says_which_step_it_does_not_have():
    (left_out,) = [step for step in all_steps() if not lab.has(step)]
    page = (ROOT / "docs" / "lab.md").read_text("utf-8")
    assert f"[Step {left_out.number}](../lessons/{left_out.folder.name}/README.md)" in page
    assert "(../../docs/lab.md)" in left_out.lesson.read_text("utf-8")


def test_missing_and_outdated_assets_are_reported_with_the_command(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "MANIFEST", tmp_path / "manifest.json")
    assert lab.problem() == f"The lab's assets are not there. Make them with: {lab.COMMAND}"
    lab.MANIFEST.write_text('{"pins": "others", "files": {}}', "utf-8")
    assert lab.problem().endswith(f"Make them again with: {lab.COMMAND}")
    lab.MANIFEST.write_text(json.dumps({"pins": lab.pins(), "files": {}}), "utf-8")
    assert lab.problem() is None


@pytest.mark.slow  # it builds the site
def test_a_site_without_the_assets_is_built_and_says_how_to_make_them(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "MANIFEST", tmp_path / "manifest.json")
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path / "site"), strict=True))
    page = (tmp_path / "site" / "lab" / "index.html").read_text("utf-8")
    assert f"This site was built without the lab. {lab.problem()}".replace("'", "&#x27;") in page
    assert "lab-start" not in page
    lesson = tmp_path / "site" / "lessons" / all_steps()[0].folder.name / "index.html"
    assert (
        "lab" not in lesson.read_text("utf-8").partition("<article")[2].partition("</article>")[0]
    )


def test_without_npm_the_assets_stay_as_they_are(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "BUILD", tmp_path / "lab")
    lab.BUILD.mkdir()
    monkeypatch.setattr(shutil, "which", lambda program: None)
    with pytest.raises(lab.LabError, match="need Node"):
        lab.make_assets(print)
    assert lab.BUILD.exists()

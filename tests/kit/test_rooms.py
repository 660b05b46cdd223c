"""Who may import whom: the kit's rooms, and the tests. And no word for two things."""

import ast
from collections import defaultdict

import pytest

from lessons.kit.course.steps import LESSONS, ROOT

KIT = LESSONS / "kit"
MAY_IMPORT = {
    "course": set(),
    "stage": {"course"},
    "proof": {"course"},
    "learn": {"course", "stage", "proof"},
    "pages": {"course", "stage", "proof"},
    "site": {"course", "stage", "proof", "pages"},
}
ROOMS = {file.relative_to(KIT).parts[0] for file in KIT.glob("*/*.py")}
MODULES = sorted(KIT.glob("*/*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
OURS = [*sorted((ROOT / "lessons").rglob("*.py")), *sorted((ROOT / "reference_app").rglob("*.py"))]


def imported(source, package):
    """The full name of everything that the source imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*parts, *([node.module] if node.module else [])])
            base = base if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)


def strangers(source, room):
    """What a module of this room imports from rooms that it may not."""
    for name in imported(source, f"lessons.kit.{room}"):
        other = name.removeprefix("lessons.kit.").partition(".")[0]
        if name.startswith("lessons.kit.") and other not in {room, *MAY_IMPORT[room]}:
            yield name


def test_there_are_six_rooms():
    assert set(MAY_IMPORT) == ROOMS
    assert [file.name for file in KIT.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(KIT).as_posix())
def test_a_room_imports_only_the_rooms_below_it(file):
    assert list(strangers(file.read_text("utf-8"), file.parent.name)) == []


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("course", "from ..stage import ALICE"),
        ("stage", "from lessons.kit.proof.processes import run_apart"),
        ("proof", "def late():\n    from ..stage import people"),
        ("learn", "from ..pages import render"),
        ("pages", "import lessons.kit.learn.screen"),
        ("site", "from .. import learn"),
    ],
)
def test_an_import_that_breaks_the_rules_is_noticed(room, source):
    assert len(list(strangers(source, room))) == 1


def test_nothing_that_is_installed_imports_a_test():
    for file in OURS:
        package = ".".join(file.relative_to(ROOT).parts[:-1])
        names = [name.split(".")[0] for name in imported(file.read_text("utf-8"), package)]
        assert "tests" not in names, file


def borrowed(source, package):
    """What a module of tests imports from another, other than what all of them share."""
    names = [name for name in imported(source, package) if name.split(".")[0] == "tests"]
    return [name for name in names if not name.startswith("tests.support.")]


def test_tests_share_only_what_is_there_to_be_shared():
    found = {}
    for file in TESTS:
        package = ".".join(file.relative_to(ROOT).parts[:-1])
        found[file.relative_to(ROOT).as_posix()] = borrowed(file.read_text("utf-8"), package)
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from tests.steps.test_6_four_situations import MINUTE",
        "import tests.kit.conftest",
        "def late():\n    from .test_rooms import MODULES",
        "from ..reference_app import test_admin",
    ],
)
def test_an_import_from_another_module_of_tests_is_noticed(source):
    assert len(borrowed(source, "tests.kit")) == 1


def test_no_two_modules_and_no_two_public_names_share_a_word():
    places = defaultdict(list)
    for file in MODULES:
        if file.name != "__init__.py":
            places[file.stem, "module"].append(file)
        for name in defined(ast.parse(file.read_text("utf-8"))):
            places[name].append(file)
    assert {word: files for word, files in places.items() if len(files) > 1} == {}


def defined(tree):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))

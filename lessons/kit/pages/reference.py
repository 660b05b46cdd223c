"""The reference pages' tables, made from the code: routes, functions with docstrings, tests."""

import ast
import inspect
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from ..course.steps import ROOT, all_steps
from ..stage.scenario import Scenario

APP = ROOT / "reference_app"
CATALOGUED = ["tests/steps", "tests/attacks"]


def routes() -> list[list]:
    """Method, path and function of each route of the last step, and who may use it."""
    with Scenario(all_steps()[-1].folder) as scenario:
        public = scenario.parts.sessions.PUBLIC_PATHS
        return [
            [route.method, route.rule, route.callback.__name__, route.rule in public]
            for route in scenario.site.routes
        ]


def route_table() -> str:
    lines = ["| request | function in `app.py` | who |", "| --- | --- | --- |"]
    for method, path, function, public in routes():
        who = "everybody" if public else "signed in"
        lines.append(f"| `{method} {path}` | `{function}` | {who} |")
    return "\n".join(lines)


def api(module: str) -> str:
    """What a module of the reference app offers: each signature with its docstring."""
    file = APP / f"{module}.py"
    if not file.is_file():
        raise LookupError(module)
    tree = ast.parse(file.read_text("utf-8"))
    parts = [f"### {module}", first_paragraph(tree)]
    for node in tree.body:
        parts += described_node(node, f"{module}.")
    return "\n\n".join(parts)


def described_node(node: ast.stmt, prefix: str) -> list[str]:
    """A public function or class with a docstring, and what is in the class."""
    if isinstance(node, ast.ClassDef) and ast.get_docstring(node):
        inside = [part for child in node.body for part in described_node(child, f"{node.name}.")]
        return [f"**`class {prefix}{node.name}`**", text_of(node), *inside]
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return []
    if not ast.get_docstring(node):
        return []
    return [f"**`{prefix}{signature(node)}`**", text_of(node)]


def signature(node: ast.FunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = ast.unparse(node.args).removeprefix("self").removeprefix(", ")
    return f"{node.name}({arguments}){returns}"


def text_of(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node) or "")


def first_paragraph(tree: ast.Module) -> str:
    return text_of(tree).partition("\n\n")[0]


@cache
def collected() -> dict[str, int]:
    """The tests of the steps and the attacks, with how many cases each has."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0"]
    command += ["-m", "slow or not slow", *CATALOGUED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    ids = [line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line]
    return Counter(ids)


def catalogue_of_tests(link) -> str:
    """Every test by its file, with its name as a sentence; `link` gives the way to a file."""
    parts: list[str] = []
    for test, cases in collected().items():
        file, _, name = test.partition("::")
        head = f"### {first_sentence(ROOT / file)}"
        if head not in parts:
            parts += [head, f"[`{file}`]({link(ROOT / file)})"]
            parts.append("")
        times = f" ({cases} cases)" if cases > 1 else ""
        parts[-1] += f"- {name_as_sentence(name)}{times}\n"
    return "\n\n".join(part.rstrip() for part in parts)


def first_sentence(file: Path) -> str:
    """The first sentence of a test file's docstring, without its full stop."""
    words = first_paragraph(ast.parse(file.read_text("utf-8")))
    return " ".join(words.split()).rstrip(".")


def name_as_sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ").capitalize()

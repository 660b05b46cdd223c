"""A lesson opened in JupyterLab by the documented command, and all of its cells run there."""

import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec

import pytest

from lessons.kit.course.steps import ROOT, find_step
from tests.support.notebooks import said_and_printed
from tests.support.reader import MINUTE

LESSON = find_step(4).folder.relative_to(ROOT / "lessons") / "README.md"
OPEN = re.compile(r"http://127\.0\.0\.1:\d+/lab")
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--port=0",
    "--IdentityProvider.token=",
    "--ip=127.0.0.1",
    "--expose-app-in-browser",
]
CELLS = """() => {
  const {model} = jupyterapp.shell.currentWidget.content;
  return Array.from(model.cells, cell => cell.toJSON());
}"""
ALL_RAN = """() => {
  const {content, sessionContext} = jupyterapp.shell.currentWidget;
  const codes = Array.from(content.model.cells).filter(cell => cell.type === "code");
  const ran = codes.length && codes.every(cell => cell.executionCount);
  return ran && sessionContext.session.kernel.status === "idle";
}"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A copy of the kit: JupyterLab saves what it has open."""
    copy = tmp_path_factory.mktemp("kit")
    for folder in ("lessons", "reference_app", "tests"):
        shutil.copytree(ROOT / folder, copy / folder)
    return copy


@pytest.fixture(scope="module")
def jupyterlab(kit):
    """The address of JupyterLab, started as the README says."""
    if find_spec("jupyterlab") is None:
        pytest.skip('JupyterLab is not installed: pip install -c constraints.txt -e ".[lab]"')
    command = [sys.executable, "-m", "lessons", "notebooks", "--", *OPTIONS]
    environ = {**os.environ, "PYTHONPATH": str(kit)}
    with subprocess.Popen(
        command, cwd=kit, env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        try:
            found = next(filter(None, map(OPEN.search, server.stderr)))
            yield found[0]
        finally:
            os.killpg(server.pid, signal.SIGKILL)


def test_a_lesson_runs_in_jupyterlab_and_prints_what_it_says(kit, jupyterlab, chromium):
    context = chromium.new_context()
    requests = []
    context.on("request", lambda request: requests.append(request.url))
    context.set_default_timeout(MINUTE)
    page = context.new_page()
    page.goto(f"{jupyterlab}/tree/{LESSON.as_posix()}")
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(ALL_RAN)
    cells = page.evaluate(CELLS)
    page.get_by_role("cell", name="✓ in").first.wait_for()  # a scene is a table to look at
    context.close()
    compared = list(said_and_printed(cells))
    assert len(compared) > 5
    assert [said for said, _ in compared] == [printed for _, printed in compared]
    assert [url for url in requests if not url.startswith(jupyterlab.removesuffix("/lab"))] == []
    assert (kit / "lessons" / LESSON).read_text() == (ROOT / "lessons" / LESSON).read_text()

"""`python -m lessons site`: it serves what it builds, and says in a line what it cannot."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.site import build

pytest.importorskip("mkdocs")


@pytest.mark.slow  # it builds the site
def test_one_command_builds_the_site_and_serves_it(tmp_path):
    command = [sys.executable, "-m", "lessons", "site", "--port", "0"]
    for name in filter(shutil.which, ["sqlite3", "psql"]):  # the pages that are kept show them
        (tmp_path / name).symlink_to(shutil.which(name))
    no_npm = [str(Path(sys.executable).parent), str(tmp_path)]  # it would fetch the lab's parts
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PATH": os.pathsep.join(no_npm)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as run:
        try:
            address = run.stdout.readline().split()[-1]
            with urlopen(address) as answer:  # noqa: S310
                assert "<title>Logout everywhere" in answer.read().decode()
            with pytest.raises(HTTPError, match="404") as refused:
                urlopen(f"{address}not-here/")  # noqa: S310
            assert "This page is not here" in refused.value.read().decode()
            refused.value.close()
        finally:
            run.terminate()


def test_a_busy_port_is_said_in_one_line():
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = str(busy.getsockname()[1])
        command = [sys.executable, "-m", "lessons", "site", "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: Cannot serve on 127.0.0.1 port {port}: ")
    assert done.stderr.count("\n") == 1


def test_without_mkdocs_we_say_what_to_install(monkeypatch):
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(build.SiteError, match=r'pip install .*"\.\[docs\]"'):
        build.build_site()


def test_what_mkdocs_refuses_is_shown(tmp_path, monkeypatch):
    (tmp_path / "mkdocs.yml").write_text("site_name: x\ndocs_dir: nowhere\n", "utf-8")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    with pytest.raises(build.SiteError, match="nowhere"):
        build.build_site(tmp_path / "site")

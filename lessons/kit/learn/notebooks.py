"""Opens the lessons in JupyterLab, where a README.md is a notebook."""

import os
import subprocess
import sys
from pathlib import Path

from ..course.steps import LESSONS

SETTINGS = Path(__file__).with_name("jupyter")


def open_notebooks(options: tuple[str, ...]) -> int:
    """Run JupyterLab in lessons/ until it is stopped; return its exit status.

    The kernel is registered first. Otherwise JupyterLab asks for one each time, because jupytext
    looks for it by the path of this interpreter.
    """
    register = [sys.executable, "-m", "ipykernel", "install", "--sys-prefix"]
    subprocess.run(register, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={LESSONS}", *options]
    environ = {**os.environ, "JUPYTER_CONFIG_PATH": str(SETTINGS)}
    return subprocess.run(command, env=environ).returncode

"""The code host builds the site with what site-requirements.txt pins, and nothing else."""

import re
import subprocess
import sys

from lessons.kit.course.steps import ROOT

PINNED = ROOT / ".github" / "site-requirements.txt"
IMPORT_THE_HOOK = """
import sys
from importlib.metadata import packages_distributions

pinned = set(sys.argv[1:])
plain = lambda name: name.lower().replace("_", "-")
installed = packages_distributions().items()
lacking = {module for module, of in installed if not pinned & set(map(plain, of))}

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name in lacking:
            raise ModuleNotFoundError(f"No module named {name!r} where the site is built")

sys.meta_path.insert(0, NotInstalled())
import lessons.kit.site.hook
"""


def test_the_site_imports_nothing_that_its_workflow_does_not_install():
    pinned = re.findall(r"^([\w.-]+)==", PINNED.read_text("utf-8"), re.MULTILINE)
    assert "mkdocs-material" in pinned
    command = [sys.executable, "-c", IMPORT_THE_HOOK, *map(str.lower, pinned), "logout-everywhere"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""

"""The live lab's assets, and what the site ships for it.

Pyodide, bcryptjs, the editor and some wheels come from npm and PyPI when the site is built,
by the hashes in docs/lab/pins. Nothing of them is committed, and nothing else is loaded.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from html import escape
from pathlib import Path

from ..course.mistakes import Mistake, all_mistakes
from ..course.steps import ROOT, Step, all_steps, app_files
from ..stage import ALICE, BOB

LAB = ROOT / "docs" / "lab"
PINS = LAB / "pins"
BUILD = ROOT / "build" / "lab"
ASSETS = BUILD / "assets"
MANIFEST = ASSETS / "manifest.json"
COMMAND = "python -m lessons lab-assets"
FIRST = 4  # the step that the lab opens on: the promise holds

NPM_FILES = [
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.mjs",
    "pyodide/pyodide.asm.wasm",
    "pyodide/python_stdlib.zip",
    "pyodide/pyodide-lock.json",
    "bcryptjs/umd/index.js",
]
UNSTARTED = (
    "The lab runs the app in this page. It needs JavaScript, and a page that comes from a web "
    "server: opened as a file, it cannot start. <code>python -m mkdocs serve</code> serves it."
)
WHEELS = ["app", "tests"]
LICENCE_NAMES = ("licen", "copying", "authors", "notice")
REPOSITORY = [
    "pyproject.toml",
    "lessons/__init__.py",
    "lessons/kit/__init__.py",
    *[f"lessons/kit/{room}/*.py" for room in ("course", "stage", "proof")],
    "lessons/kit/learn/__init__.py",
    "lessons/kit/learn/explain.py",
    "lessons/step_*/step.toml",
    "lessons/step_*/exercise.toml",
    "tests/*.py",
    "tests/steps/*.py",
    "tests/support/*.py",
]


# The steps of the lab, and the function that each is about: there the lab opens its code. Step 11
# is about two database servers, and the lab has none.
OPENS_AT = {
    0: ("sessions.py", "sign_in"),
    1: ("migrations/0002_add_session_token.py", "up"),
    2: ("models.py", "invalidate_sessions"),
    3: ("sessions.py", "validate_session_token"),
    4: ("sessions.py", "sign_in"),
    5: ("app.py", "log_out_everywhere"),
    6: ("sessions.py", "is_live"),
    7: ("migrations/0005_rotate_in_the_database.py", "up"),
    8: ("models.py", "find_live"),
    9: ("migrations/0007_require_session_token.py", "up"),
    10: ("streams.py", "events"),
}


class LabError(RuntimeError):
    """The assets could not be made; the message says why."""


def problem() -> str | None:
    """Why the lab cannot be shown, if it cannot."""
    if not MANIFEST.exists():
        return f"The lab's assets are not there. Make them with: {COMMAND}"
    if json.loads(MANIFEST.read_text("utf-8"))["pins"] != pins():
        return f"The lab's assets are not those of docs/lab/pins. Make them again with: {COMMAND}"
    return None


def pins() -> str:
    """A hash of everything that says what the assets are."""
    files = [*sorted(PINS.iterdir()), Path(__file__)]
    return integrity(b"".join(file.read_bytes() for file in files))


def integrity(content: bytes) -> str:
    """The hash as a browser's fetch() takes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def make_assets(echo: Callable[[str], None]) -> None:
    """Fetch and bundle the assets into build/lab/assets. Raises LabError."""
    if not (shutil.which("npm") and shutil.which("node")):
        raise LabError("npm is missing. The lab's assets need Node.js with npm.")
    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(PINS, BUILD)
    echo("npm: Pyodide, bcryptjs, CodeMirror")
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    for name in NPM_FILES:
        copy(BUILD / "node_modules" / name, ASSETS / name)
    bundle_editor()
    echo("PyPI: the app's libraries and the tests'")
    for group in WHEELS:
        download_wheels(group)
    collect_licences()
    write_manifest()
    size = sum(file.stat().st_size for file in ASSETS.rglob("*") if file.is_file())
    echo(f"{size / 1e6:.1f} MB in {ASSETS.relative_to(ROOT).as_posix()}")


def run(*command: str) -> None:
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run([program, *command[1:]], cwd=BUILD, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"{' '.join(command)} failed.\n{done.stderr.strip()}")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def bundle_editor() -> None:
    esbuild = BUILD / "node_modules" / "esbuild" / "bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--minify", "--legal-comments=eof"]
    run("node", str(esbuild), "editor.js", *options, f"--outfile={ASSETS / 'editor.js'}")


def download_wheels(group: str) -> None:
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--quiet"]
    options += ["--platform=any", "--python-version=3.14", "--disable-pip-version-check"]
    folder = ASSETS / "wheels" / group
    run(sys.executable, "-m", "pip", "download", *options, "-r", f"{group}.txt", "-d", str(folder))


def collect_licences() -> None:
    """The licence of everything we ship, as its makers wrote it."""
    for package, text in [*npm_licences(), *wheel_licences(), *other_licences()]:
        file = ASSETS / "licences" / f"{package}.txt"
        file.parent.mkdir(exist_ok=True)
        with file.open("ab") as licence:
            licence.write(text + b"\n")


def npm_licences() -> Iterator[tuple[str, bytes]]:
    lock = json.loads((PINS / "package-lock.json").read_text("utf-8"))
    for folder, package in lock["packages"].items():
        if folder and not package.get("dev"):
            for file in sorted((BUILD / folder).glob("LICEN*")):
                yield (
                    folder.removeprefix("node_modules/").lstrip("@").replace("/", "-"),
                    file.read_bytes(),
                )


def wheel_licences() -> Iterator[tuple[str, bytes]]:
    for wheel in sorted(ASSETS.glob("wheels/*/*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                folder, _, file = name.partition(".dist-info/")
                if file.rpartition("/")[2].lower().startswith(LICENCE_NAMES):
                    yield folder.partition("-")[0], archive.read(name)


def other_licences() -> Iterator[tuple[str, bytes]]:
    """Pyodide's package has no licence in it, so we keep the texts with the pins."""
    for file in sorted(PINS.glob("*.licence.txt")):
        yield file.name.removesuffix(".licence.txt"), file.read_bytes()


def write_manifest() -> None:
    """Every file with its hash, for the page to check what it loads."""
    files = {
        file.relative_to(ASSETS).as_posix(): integrity(file.read_bytes())
        for file in sorted(ASSETS.rglob("*"))
        if file.is_file()
    }
    start = [*(ASSETS / name for name in NPM_FILES), *ASSETS.glob("wheels/app/*.whl")]
    size = sum(file.stat().st_size for file in start)
    manifest = {"pins": pins(), "bytes_to_start": size, "files": files}
    MANIFEST.write_text(json.dumps(manifest, indent=1), "utf-8")


def steps_in_the_lab() -> list[Step]:
    return [step for step in all_steps() if has(step)]


def has(step: Step) -> bool:
    return step.number in OPENS_AT


def repository() -> str:
    """What the lab runs, as JSON: the people, the steps, and the files that they need."""
    steps = steps_in_the_lab()
    paths = {path for pattern in REPOSITORY for path in ROOT.glob(pattern)}
    for step in steps:
        paths |= {step.folder / name for name in app_files(step.folder)}
        paths |= {p for p in step.folder.glob("releases/**/*") if p.suffix in (".py", ".tpl")}
    files = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(paths)}
    people = [asdict(person) for person in (ALICE, BOB)]
    steps_and_people = {"steps": [described(step) for step in steps], "people": people}
    return json.dumps({**steps_and_people, "files": files})


def described(step: Step) -> dict:
    file, function = OPENS_AT[step.number]
    return {
        "number": step.number,
        "title": step.title,
        "folder": step.folder.relative_to(ROOT).as_posix(),
        "files": sorted(app_files(step.folder)),
        "tests": step.tests.relative_to(ROOT).as_posix(),
        "opens_at": {"file": file, "name": function},
        "mistakes": [told(mistake) for mistake in all_mistakes() if mistake.step == step],
    }


def told(mistake: Mistake) -> dict:
    names = ["name", "title", "seen", "killed_by", "patch"]
    return {name: getattr(mistake, name) for name in names}


def link_to_mistake(mistake: Mistake, lab_page: str) -> str:
    """For the mistake's page: the lab with the mistake in it."""
    there = f"{lab_page}#step={mistake.step.number}&amp;mistake={mistake.name}"
    return f'<p><a class="md-button" href="{there}">Load this mistake in the lab</a></p>'


def section(link: Callable[[str], str], step: int | None = None, lab_page: str = "") -> str:
    """The place on a page that the lab is started in: of one step, or to choose one.

    `link` gives the way from the page to a file of the site; `lab_page` leads to the lab's own.
    """
    if reason := problem():
        return f'<p class="lab-missing">This site was built without the lab. {escape(reason)}</p>'
    if step is None:
        kind, text, more = f'data-step="{FIRST}"', "Start the lab", ""
    else:
        kind, text = f'data-step="{step}" data-lesson', "Try this step in the page"
        whole = f'<a href="{lab_page}#step={step}">Open it in the lab, in its full width</a>'
        more = f'<p class="lab-whole">{whole}</p>'
    return f"""<section class="lab" aria-label="Live lab" {kind}>
<link rel="stylesheet" href="{link("docs/lab/lab.css")}">
<script type="module" src="{link("docs/lab/start.js")}"></script>
<button type="button" class="md-button md-button--primary lab-start" hidden>{text}</button>
<p class="lab-status" role="status">{UNSTARTED}</p>
<progress class="lab-progress" aria-label="Python is loaded" hidden></progress>
{more}
</section>"""

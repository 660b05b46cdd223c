"""The learner's own folder: a copy of a step's app, and a file that says how far they are."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.parts import Part, parts
from ..course.places import app_at_start
from ..course.steps import Step, app_files, find_step, step_before

STATE = "progress.json"


class WorkspaceError(RuntimeError):
    """The workspace cannot be used; the message says why, and what to do."""


@dataclass
class State:
    """How far the learner is."""

    step: int
    solved: list[int] = field(default_factory=list)
    hints: int = 0  # how many of this part's were shown
    parts_solved: int = 0  # of this step

    @property
    def part(self) -> Part:
        """The part to write now; the last one, if all are solved."""
        own = parts(find_step(self.step))
        return own[min(self.parts_solved, len(own) - 1)]


@dataclass(frozen=True)
class Workspace:
    """`folder` holds the app that the learner edits, and the state file."""

    folder: Path

    @property
    def exists(self) -> bool:
        return self.folder.exists()

    @property
    def state(self) -> State:
        """Raises WorkspaceError if there is no workspace, or its state cannot be read."""
        if not self.exists:
            raise WorkspaceError(
                "There is no workspace yet. Make one with: python -m lessons start 1"
            )
        try:
            state = State(**json.loads((self.folder / STATE).read_text("utf-8")))
            find_step(state.step)
            numbers = [*state.solved, state.hints, state.parts_solved]
            if not all(isinstance(number, int) for number in numbers):
                raise ValueError("not numbers")
            return state
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise WorkspaceError(
                f"{self.folder / STATE} cannot be read. Make a new workspace with "
                "python -m lessons start N; the one you have is set aside."
            ) from error

    @property
    def step(self) -> Step:
        return find_step(self.state.step)

    @property
    def solved(self) -> list[int]:
        """The steps solved so far; none if nothing says so."""
        try:
            return self.state.solved
        except WorkspaceError:
            return []

    def write(self, state: State) -> None:
        text = json.dumps(asdict(state), indent=2) + "\n"
        (self.folder / STATE).write_text(text, "utf-8")

    def files(self) -> dict[str, bytes]:
        """The app's files as the learner has them."""
        return app_files(self.folder)

    def start(self, number: int) -> Path | None:
        """Begin step `number` with the app of the step before it, and comments where to write.

        A workspace that is there is set aside. Returns where it went, or None.
        Raises LookupError for a step that cannot be started, and WorkspaceError.
        """
        step_before(number)
        state = State(number, self.solved)
        if self.folder == Path.cwd():
            raise WorkspaceError("You are in the workspace, and it is about to move: cd .. first.")
        try:
            return self.replace_by(app_at_start(find_step(number)), state)
        except OSError as error:
            raise WorkspaceError(f"Cannot write {error.filename}: {error.strerror}.") from error

    def replace_by(self, files: dict[str, bytes], state: State) -> Path | None:
        """Write the new folder whole before the old one is moved; the last move is a rename."""
        with TemporaryDirectory(prefix=f"{self.folder.name}-new-", dir=self.folder.parent) as place:
            fresh = Workspace(Path(place, self.folder.name))
            for name, content in files.items():
                (fresh.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh.folder / name).write_bytes(content)
            fresh.write(state)
            aside = self.set_aside() if self.exists else None
            fresh.folder.rename(self.folder)
        return aside

    def set_aside(self) -> Path:
        """Move the folder into the one for earlier workspaces, under today's date."""
        place = self.folder.with_name(f"{self.folder.name}-before")
        place.mkdir(exist_ok=True)
        name = date.today().isoformat()
        names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
        free = next(place / n for n in names if not (place / n).exists())
        return self.folder.rename(free)


def here() -> Workspace:
    """The workspace in the current folder, which may be the workspace itself."""
    now = Path.cwd()
    return Workspace(now if (now / STATE).exists() else now / "workspace")

"""Shows a mistake: its story, what it changes, and how its test ends, from a run."""

from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.mistakes import changed_lines, find_mistake
from ..proof.run_tests import Run, run_each
from ..proof.transcript import transcript
from .screen import say


def show_mistake(name: str) -> bool:
    """Run a mistake, and say what it is and how its test ends. True if the test catches it."""
    mistake = find_mistake(name)
    with TemporaryDirectory() as place:
        run = Run([mistake.killed_by], mistake.make(Path(place)), mistake.step.number)
        (end,) = run_each([run])[0].values()
    say(mistake.title, "bold")
    say(f"{mistake.story.strip()}\n\nSymptom: {mistake.seen}\n")
    for change in mistake.patch:
        say(changed_lines(mistake.step.folder, change))
    say(f"{mistake.killed_by} fails:\n\n{transcript(mistake, end)}")
    return end.red

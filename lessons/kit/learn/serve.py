"""Serves an app with Alice and Bob. The learner's own app runs in a separate process."""

import subprocess
import sys
from pathlib import Path

from reference_app.demo import run_demo
from reference_app.serving import ServingError

from ..course.steps import ROOT, Step, app_files, find_step, load_app
from ..proof.pytest_recorder import last_line
from .read_source import must_be_python


def serve_workspace(folder: Path, step: Step, port: int) -> int:
    """Serve until interrupted; return the exit code. Raises UnreadableError."""
    must_be_python(app_files(folder))
    module = "lessons.kit.learn.serve"
    command = [sys.executable, "-m", module, str(folder), str(port), str(step.number)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            return server.wait()
        finally:
            server.terminate()


def serve_in_this_process(folder: Path, port: int, step: Step) -> None:
    try:
        run_demo(load_app(folder), port, try_it=step.try_it)
    except ServingError as error:
        sys.exit(f"Error: {error}")
    except Exception as error:  # the learner's code may raise anything
        place = last_line(error, folder)[0] or folder
        sys.exit(f"Error: Your app does not start: {type(error).__name__}: {error} ({place})")


if __name__ == "__main__":
    serve_in_this_process(Path(sys.argv[1]), int(sys.argv[2]), find_step(int(sys.argv[3])))

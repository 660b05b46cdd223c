"""Serves an app with Alice and Bob. The learner's own runs in a process of its own."""

import subprocess
import sys
from pathlib import Path

from reference_app.demo import run_demo
from reference_app.serving import ServingError

from ..course.steps import ROOT, app_files, load_app
from ..proof.pytest_recorder import last_line
from .read_source import must_be_python


def serve_workspace(folder: Path, port: int) -> int:
    """Serve until interrupted; return the exit code. Raises UnreadableError."""
    must_be_python(app_files(folder))
    command = [sys.executable, "-m", "lessons.kit.learn.serve", str(folder), str(port)]
    with subprocess.Popen(command, cwd=ROOT) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            return server.wait()
        finally:
            server.terminate()


def serve_in_this_process(folder: Path, port: int) -> None:
    try:
        run_demo(load_app(folder), port)
    except ServingError as error:
        sys.exit(f"Error: {error}")
    except Exception as error:  # whatever the learner's code raises
        place = last_line(error, folder)[0] or folder
        sys.exit(f"Error: Your app does not start: {type(error).__name__}: {error} ({place})")


if __name__ == "__main__":
    serve_in_this_process(Path(sys.argv[1]), int(sys.argv[2]))

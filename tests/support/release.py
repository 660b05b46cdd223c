"""A step's app or a release, served in a process of its own: `python -m tests.support.release`."""

import sys
from pathlib import Path

import waitress

from lessons.kit.course.steps import load_app
from lessons.kit.stage import SECRET_KEY


def serve(folder: str, url: str) -> None:
    """Apply the migrations, then serve on a free port; the first line printed says where."""
    part = load_app(Path(folder))
    part.models.BCRYPT_ROUNDS = 4
    part.database.migrate(url)
    app = part.app.create_app(url, secret_keys=[SECRET_KEY])
    server = waitress.create_server(app, host="127.0.0.1", port=0)
    print(f"Serving on http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


if __name__ == "__main__":
    serve(*sys.argv[1:])

"""What the search puts first, and when it loads its index: when somebody searches."""

import re
from pathlib import Path

from mkdocs.structure.files import Files

BUNDLE = "assets/javascripts/bundle.*.min.js"
# The theme waits for the reader only on a page opened as a file. Here it always waits.
AT_ONCE = re.compile(r'[\w$]+\(location\.protocol!=="file:"\),(?=[\w$]+\("search"\))')

# People who search want to know how. Mistakes and tests come after that.
BOOSTS = {
    "lessons/step_4_login_stamping/": 6,  # the promise
    "lessons/step_5_keep_this_browser/": 6,  # "log out other devices"
    "lessons/": 3,
    "docs/howto/": 3,
    "docs/start.md": 3,
    "docs/concepts/threats.md": 4,  # "remember me", "session fixation"
    "docs/concepts/": 2,
    "docs/mistakes/": 0.1,
    "docs/check/scenarios/": 0.3,
    "docs/systems.md": 0.3,
    "examples/": 0.3,
    "docs/reference/tests.md": 0.1,
    "CHANGELOG.md": 0.1,
}


class SearchError(RuntimeError):
    """The theme's script is not what we know."""


def let_the_index_wait(files: Files) -> None:
    """Change the theme's script so. Raises SearchError if that line is not there once."""
    (bundle,) = [file for file in files if Path(file.src_uri).match(BUNDLE)]
    script, times = AT_ONCE.subn("", bundle.content_string)
    if times != 1:
        raise SearchError(f"{bundle.src_uri} starts its search in another way now.")
    bundle.content_string = script


def boost(uri: str) -> float:
    """How much more than others a page counts."""
    return next((times for start, times in BOOSTS.items() if uri.startswith(start)), 1)

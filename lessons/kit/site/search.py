"""The search loads its index when somebody searches, and not with every page."""

import re
from pathlib import Path

from mkdocs.structure.files import Files

BUNDLE = "assets/javascripts/bundle.*.min.js"
# The theme waits for the reader only on a page opened as a file. Here it always waits.
AT_ONCE = re.compile(r'[\w$]+\(location\.protocol!=="file:"\),(?=[\w$]+\("search"\))')


class SearchError(RuntimeError):
    """The theme's script is not what we know."""


def let_the_index_wait(files: Files) -> None:
    """Change the theme's script so. Raises SearchError if that line is not there once."""
    (bundle,) = [file for file in files if Path(file.src_uri).match(BUNDLE)]
    script, times = AT_ONCE.subn("", bundle.content_string)
    if times != 1:
        raise SearchError(f"{bundle.src_uri} starts its search in another way now.")
    bundle.content_string = script

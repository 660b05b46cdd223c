"""What a lesson says that its cells print, and what they printed when it was run as a notebook."""

import re

from lessons.kit.pages.render import steady

SAID = re.compile(r"```output\n(.*?)^```", re.MULTILINE | re.DOTALL)


def said_and_printed(cells):
    """For each code cell the output that the lesson shows below it, and what the cell printed."""
    for cell, following in zip(cells, [*cells[1:], {"source": ""}], strict=True):
        if cell["cell_type"] == "code":
            said = SAID.match(following["source"])
            yield (said[1] if said else "", printed(cell["outputs"]))


def printed(outputs):
    texts = [output.get("text") or f"{output['data']['text/plain']}\n" for output in outputs]
    return steady("".join(texts))

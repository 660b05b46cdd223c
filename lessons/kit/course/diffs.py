"""How two texts differ."""

import difflib


def unified(old: str, new: str, old_name: str, new_name: str, context: int = 3) -> str:
    """A unified diff; "" if the texts agree. No line ends in blanks."""
    names = old_name, new_name
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), *names, n=context)
    return "".join(f"{line.rstrip()}\n" for line in lines)

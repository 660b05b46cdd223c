"""Runs a lesson's cells in order, as a notebook does: `python -m lessons.kit.pages.cells`.

Reads the cells as a JSON list of programs, and writes a list of what each printed.
"""

import ast
import contextlib
import io
import json
import sys


def run_cell(code: str, session: dict) -> str:
    """Run one cell in `session`; return what it printed, and its last expression's repr."""
    tree, printed = ast.parse(code), io.StringIO()
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), session)  # noqa: S102
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), session)  # noqa: S307
            if value is not None:
                print(repr(value))
    return printed.getvalue()


if __name__ == "__main__":
    shared = {"__name__": "__main__"}
    json.dump([run_cell(code, shared) for code in json.load(sys.stdin)], sys.stdout)

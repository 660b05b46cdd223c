"""A definition in a Python source: a function, a class, a name, with its decorators."""

import ast


def definition(source: str, path: str) -> str:
    """The lines that define `User.save`, as they are. Raises LookupError."""
    body = ast.parse(source).body
    for part in path.split("."):
        found = [child for child in body if part in defined_by(child)]
        if not found:
            raise LookupError(path)
        node = found[0]
        body = getattr(node, "body", [])
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "".join(source.splitlines(True)[first - 1 : node.end_lineno])


def defined_by(node: ast.stmt) -> set[str | None]:
    """What a statement defines: a function, a class, or the targets of an assignment."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {getattr(node, "name", None)} | {getattr(target, "id", None) for target in targets}

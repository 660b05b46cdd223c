"""What pytest printed about a mistake, without the parts that differ from run to run."""

import re

from ..course.mistakes import Mistake
from .run_tests import Outcome

TOKEN = re.compile(r"\b[0-9a-f]{32}\b")
VARYING = [
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r"[^\s'\"]*/site-packages/"), ""),
    (re.compile(r"sqlite:///[^\s'\"]*/"), "sqlite:///"),
    (re.compile(r"eyJ[\w-]+\.[\w-]{6}\.[\w-]+"), "(a signed cookie)"),
    (re.compile(r"\$2b\$04\$[./\w]{53}"), "(a digest)"),
    (re.compile(r"\b[0-9a-f]{10,}\.\.\.[0-9a-f]{10,}\b"), "(a token)"),
    (re.compile(r"\.\.\.[0-9a-f]{3,}'"), "...'"),
    (re.compile(r"\b\d{15}\b"), "(an id)"),
]


def transcript(mistake: Mistake, end: Outcome) -> str:
    """What pytest printed of the failed test. Tokens and temporary folders have names."""
    names: dict[str, str] = {}
    text = re.sub(rf"[^\s'\"]*/{mistake.name}/", f"{mistake.name}/", end.transcript)
    text = TOKEN.sub(lambda m: names.setdefault(m[0], f"(token {len(names) + 1})"), text)
    for pattern, replacement in VARYING:
        text = pattern.sub(replacement, text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())

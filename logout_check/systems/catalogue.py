"""The systems that there are: a folder each, with its `system.toml`."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"


@dataclass(frozen=True)
class System:
    """`prepare`, `start`, `start_https` and `versions` are shell commands. `like` names a system
    whose files are used if this one lacks them. `price` and `own` are numbers of scenarios: those
    that hold at a price, and those that hold with lines that the app's author writes."""

    folder: Path
    title: str
    kind: str
    documentation: str
    order: int
    prepare: str
    start: str
    start_https: str = ""
    like: str = ""
    shown: tuple[str, ...] = ()
    versions: str = ""
    price: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def record(self) -> Path:
        return RECORDED / f"{self.name}.json"


def all_systems() -> list[System]:
    found = [read(path) for path in HERE.glob("*/system.toml")]
    return sorted(found, key=lambda system: system.order)


def read(path: Path) -> System:
    return System(path.parent, **tomllib.loads(path.read_text("utf-8")))

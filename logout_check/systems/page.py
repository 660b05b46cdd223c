"""The parts of `docs/systems.md` that are made from the records."""

import json
import re
import tomllib

from .catalogue import HERE, System, all_systems

PAGE = HERE.parent.parent / "docs" / "systems.md"
PEERS = HERE / "peers.toml"
PART = re.compile(r"(<!-- made of the records: (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)
MARKS = {"holds": "holds", "broken": "**broken**", "not offered": "", "could not tell": "?"}
EARLIER = {
    "P": "holds", "p": "holds", "P*": "holds", "F": "broken", "out": "broken", "-": "not offered",
}  # fmt: skip


def remade(page: str) -> str:
    """The page, with each of its parts remade."""
    return PART.sub(lambda part: f"{part[1]}\n{PARTS[part[2]]()}\n{part[3]}", page)


def recorded() -> list[tuple[System, dict]]:
    """The systems that were recorded, with their records."""
    systems = [system for system in all_systems() if system.record.exists()]
    return [(system, json.loads(system.record.read_text("utf-8"))) for system in systems]


def verdicts(record: dict) -> dict[int, str]:
    return {one["number"]: one["verdict"] for one in record["scenarios"]}


def systems_table() -> str:
    lines = [
        "| system | as it was run | versions | on | holds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for system, record in recorded():
        versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
        held = record["counts"]["holds"]
        offered = len(record["scenarios"]) - record["counts"]["not offered"]
        name = f"[{system.title}]({system.documentation})"
        cells = [name, system.kind, versions, record["day"], f"{held} of {offered}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def verdicts_table() -> str:
    found = recorded()
    lines = [
        f"| | scenario | {' | '.join(system.title for system, _ in found)} |",
        "| --- " * (len(found) + 2) + "|",
    ]
    for one in found[0][1]["scenarios"]:
        marks = [mark(system, record, one["number"]) for system, record in found]
        scenario = f"[{one['number']}](check/scenarios/{one['number']}.md) | {one['title']}"
        lines.append(f"| {scenario} | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def mark(system: System, record: dict, number: int) -> str:
    verdict = verdicts(record).get(number, "not offered")
    if verdict == "holds" and number in system.price:
        return "at a price"
    if verdict == "holds" and number in system.own:
        return "own lines"
    return MARKS[verdict]


def names() -> str:
    """What the systems offer that a verdict does not show."""
    lines = []
    for system, _ in recorded():
        for numbers, note in system.notes.items():
            lines.append(f"- **{system.title}**, {numbers}: {note}")
    return "\n".join(lines) + "\n"


def differences(system: System, record: dict) -> dict[int, tuple[str, str]]:
    """The scenarios on which this run and the earlier study do not agree: what each says."""
    signs, now = earlier()["matrix"].get(system.name, "").split(), verdicts(record)
    pairs = {number: (EARLIER[sign], now[number]) for number, sign in enumerate(signs, 1)}
    return {number: pair for number, pair in pairs.items() if pair[0] != pair[1]}


def earlier() -> dict:
    """The earlier study: its `matrix`, and in `reasons` why a verdict differs now."""
    return tomllib.loads(PEERS.read_text("utf-8"))


def comparison() -> str:
    return "\n".join(line for one in recorded() for line in compared(*one)) + "\n"


def compared(system: System, record: dict) -> list[str]:
    study = earlier()
    if system.name not in study["matrix"]:
        return [f"- **{system.title}** was not in the earlier study."]
    found, reasons = differences(system, record), study["reasons"].get(system.name, {})
    return [
        f"- **{system.title}**: {28 - len(found)} of 28 agree.",
        *(
            f"    - {number}, *{before}* then and *{now}* now: {reasons[str(number)]}"
            for number, (before, now) in found.items()
        ),
    ]


PARTS = {
    "systems": systems_table,
    "verdicts": verdicts_table,
    "names": names,
    "comparison": comparison,
}

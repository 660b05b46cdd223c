"""The texts of a scenario: on a terminal, and as a page."""

from .scenarios import Scenario, all_scenarios


def explained(scenario: Scenario) -> str:
    """In Markdown, which is plain enough for a terminal."""
    needs = "; ".join(f"`{need.replace(' | ', '` or `')}`" for need in scenario.needs)
    parts = [
        f"# {scenario.number}. {scenario.title}",
        scenario.story,
        f"**What a user suffers where it is broken.** {scenario.suffers}",
        f"**How to fix it.** {scenario.mend}",
        f"**What the file must hold.** {needs or 'What every file holds.'}",
        f"**What it changes.** {listed(scenario.changes)}",
        f"**Ids.** {scenario.ids}",
    ]
    return "\n\n".join(parts) + "\n"


def listed(changes: tuple[str, ...]) -> str:
    return f"It {'; it '.join(changes)}." if changes else "Nothing: it signs in and looks."


def pages() -> dict[str, str]:
    """The pages of the docs, by file name: one for each scenario, and one that lists them."""
    rows = [
        f"| {one.number} | [{one.title}]({one.number}.md) | {one.ids} |" for one in all_scenarios()
    ]
    head = "# The scenarios\n\nScenarios 1 to 28 have the numbers of an earlier comparison.\n\n"
    index = head + "\n".join(["| # | scenario | ids |", "| --- | --- | --- |", *rows]) + "\n"
    return {"index.md": index, **{f"{one.number}.md": explained(one) for one in all_scenarios()}}

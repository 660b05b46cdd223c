"""What the home page shows of runs: the promise acted out, the lines that keep it, the figures."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from statistics import median

from ..course.mistakes import all_mistakes
from ..course.steps import ROOT, Step, all_steps, find_step
from ..stage.events import Event
from ..stage.flights import all_ask, sign_in
from ..stage.matrix import CASES
from ..stage.people import ALICE
from ..stage.scenario import Scenario
from . import cost, evidence
from .verdicts import Link, find_case, verdict_table

BEFORE, PROMISE = 0, 4
SHOWN_STEPS = [0, 2, 4, 5, 7]
SHOWN_CASES = [
    "the_other_device_and_a_new_password",
    "a_copy_and_a_new_password",
    "a_copy",
    "the_same_device_and_a_new_password",
    "a_leaver_signs_in",
    "plain_sql",
]
OWNERS = {
    "alice_laptop": "Alice's laptop",
    "alice_phone": "Alice's phone",
    "bob_laptop": "Bob's laptop",
    "thief": "The thief's copy",
}
LINES = [
    ("models.py", "session_token = CharField", None, "A token in the row", "Every user gets one."),
    (
        "sessions.py",
        'payload = {"user_id": user.id, "session_token"',
        'payload = {"user_id": user.id}',
        "A stamp at login",
        "The signed cookie carries a copy of it.",
    ),
    (
        "sessions.py",
        "not same_token(session.get",
        "if not user:",
        "A check on each request",
        "No match, no entry.",
    ),
]


def readme_command(which: str) -> str:
    """A command of the README's: to see it work, or with "tests" to run them. As it is there."""
    readme = (ROOT / "README.md").read_text("utf-8")
    needle = '".[dev]"' if which == "tests" else "reference_app demo"
    blocks = re.findall(r"```console\n.*?```", readme, re.DOTALL)
    return next(block for block in blocks if needle in block)


def hours() -> str:
    """How long the lessons take, in two parts."""
    steps = all_steps()
    first = [step for step in steps if step.number <= PROMISE]
    rest = steps[len(first) :]
    return (
        f"Steps {spanned(first)} build the promise, in {lasting(first)}. Steps {spanned(rest)} "
        f"fix what the promise leaves open, in {lasting(rest)}. Stop after any of them."
    )


def spanned(steps: list[Step]) -> str:
    return f"{steps[0].number} to {steps[-1].number}"


def lasting(steps: list[Step]) -> str:
    """Rounded up to a quarter of an hour."""
    quarters = -(-sum(step.minutes for step in steps) // 15)
    whole, part = divmod(quarters, 4)
    fraction = {0: "", 1: "¼", 2: "½", 3: "¾"}[part]
    return f"about {whole or ''}{fraction} hours"


def doors(link: Link) -> str:
    """The two ways in."""
    first = find_step(0)
    lesson, lab = link(first.folder / "README.md"), link(ROOT / "docs" / "lab.md")
    return (
        f"[Open the live lab]({lab}){{ .md-button .md-button--primary }}\n"
        f"[Start lesson 0 · {first.minutes} minutes]({lesson}){{ .md-button }}"
    )


def acted_out() -> tuple[list[Event], list[Event]]:
    """What each browser gets before Alice's token changes, and after it."""
    with Scenario(find_step(PROMISE).folder) as scenario:
        laptop, *_ = sign_in(scenario, "alice_laptop", "alice_phone", "bob_laptop")
        scenario.thief("thief", laptop)
        all_ask(scenario)
        scenario.User.get(scenario.User.email == ALICE.email).invalidate_sessions()
        all_ask(scenario)
        asked = [e.renamed(scenario.name_of) for e in scenario.events if e.does == "GET /"]
    return asked[: len(OWNERS)], asked[len(OWNERS) :]


def promise() -> str:
    """Four devices and the users table: all can be read at once, or switched by home.js."""
    before, after = acted_out()
    cards = [card(*asked) for asked in zip(before, after, strict=True)]
    rows = [
        f'<tr><th scope="row">{who}</th><td>{changed(token(old), token(new))}</td></tr>'
        for (who, old), new in zip(
            before[-1].tokens.items(), after[-1].tokens.values(), strict=True
        )
    ]
    out = [OWNERS[event.browser] for event in after if event.outcome == "is out"]
    still = [OWNERS[event.browser] for event in after if event.outcome == "is in"]
    return "\n".join(
        [
            '<div class="promise">',
            '<p class="promise-asks">Who is signed in?</p>',
            '<ul class="devices">',
            *cards,
            "</ul>",
            '<div class="promise-row">',
            '<table class="users"><caption>users table</caption>',
            f"<tr><th>name</th><th>token</th></tr>{''.join(rows)}</table>",
            '<button type="button" class="md-button md-button--primary">'
            '<span class="before">Give Alice a new token</span>'
            '<span class="after">Start over</span></button>',
            "</div>",
            '<p role="status">'
            '<span class="before">Every cookie carries its owner\'s token, so all are let in, the '
            "thief's copy too.</span> "
            f'<span class="after">Alice has a new token. {listed(out)} still carry the old '
            f"one, and are out. {listed(still)} stays in.</span></p>",
            "</div>",
        ]
    )


def card(before: Event, after: Event) -> str:
    who = OWNERS[before.browser]
    icon = before.browser.rpartition("_")[2]
    whose = "of Alice's cookie" if before.browser == "thief" else "cookie"
    fate = "stays" if after.outcome == before.outcome else "goes"
    return (
        f'<li class="device {icon} {fate}"><strong>{who}</strong>'
        f'<span><span class="whose">{whose}</span> {token(before.stamp)}</span>'
        f'<span class="state">{changed(state(before), state(after))}</span></li>'
    )


def state(event: Event) -> str:
    """In words. Those for the thief differ."""
    if event.outcome == "is in":
        return "! in as Alice" if event.browser == "thief" else "✓ signed in"
    return "✗ thrown out" if event.browser == "thief" else "✗ logged out"


def token(name: str) -> str:
    return f'<span class="token {name}">{escape(name)}</span>'


def changed(before: str, after: str) -> str:
    """Both, with an arrow between them; home.js shows one of the two."""
    if before == after:
        return before
    arrow = '<span class="arrow">→</span>'
    return f'<span class="before">{before}</span> {arrow} <span class="after">{after}</span>'


def listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last[0].lower()}{last[1:]}" if most else last


def three_lines(link: Link) -> str:
    """The lines that were added to the app of step 0, exactly."""
    cards = []
    for number, (file, new, old, title, words) in enumerate(LINES, 1):
        added = the_line(find_step(PROMISE), file, new)
        removed = f"- {the_line(find_step(BEFORE), file, old)}\n" if old else ""
        source = link(find_step(PROMISE).folder / file)
        cards.append(
            f'<div class="card" markdown="1">\n\n### {number}. {title}\n\n{words}\n\n'
            f"```diff\n{removed}+ {added}\n```\n\n[{file}]({source}), step {PROMISE}\n\n</div>"
        )
    return '<div class="cards" markdown="1">\n\n' + "\n\n".join(cards) + "\n\n</div>"


def the_line(step: Step, file: str, part: str) -> str:
    """The one line of a step's file that has `part` in it. Raises LookupError."""
    lines = (step.folder / file).read_text("utf-8").splitlines()
    found = [line.strip() for line in lines if part in line]
    if len(found) != 1:
        raise LookupError(part)
    return found[0]


def fixes(link: Link) -> str:
    """Six of the scenarios, on the steps that matter to them."""
    steps = [find_step(number) for number in SHOWN_STEPS]
    return verdict_table(steps, map(find_case, SHOWN_CASES), link)


def figures(link: Link) -> str:
    """What was measured and counted."""
    docs = ROOT / "docs"
    items = [*costs(docs / "cost.md"), *proofs(docs)]
    lines = [f"- **{value}** {words} [{more}]({link(page)})" for value, words, more, page in items]
    return '<div class="figures" markdown="1">\n\n' + "\n".join(lines) + "\n\n</div>"


def costs(page: Path) -> Iterator[tuple[str, str, str, Path]]:
    times = cost.requests()
    middle = {name: median(values) for name, values in times.items()}
    share = middle[cost.WITH] / middle[cost.FLASK]
    same = cost.no_difference(times[cost.WITH], times[cost.WITHOUT])
    without = "no measurable difference" if same else f"{middle[cost.WITHOUT]:.0f} µs"
    yield (
        f"{middle[cost.WITH]:.0f} µs",
        f"for a signed-in page with the check; {without} without it. "
        f"Flask-Login takes {1 / share:.0f} times as long.",
        "What it costs",
        page,
    )
    all_at_once = max((r for r in cost.read("rotation") if r["way"] == "set_based"), key=by_users)
    yield (
        f"{all_at_once['seconds']:.1f} s",
        f"to log {all_at_once['users']:,} users out, in one statement.",
        "How",
        page,
    )


def by_users(row: dict) -> int:
    return row["users"]


def proofs(docs: Path) -> Iterator[tuple[str, str, str, Path]]:
    mistakes, claims = len(all_mistakes()), evidence.all_claims()
    yield (
        f"{mistakes} mistakes",
        "that people make, each a program that a named test catches.",
        "See them fail",
        docs / "mistakes" / "index.md",
    )
    shown = sum("shown" in claim.states for claim in claims)
    yield (
        f"{shown} of {len(claims)}",
        "claims of the article that this course follows are shown by a test.",
        "Claim by claim",
        docs / "article.md",
    )
    runs = len(CASES) * len(all_steps())
    yield (
        f"{runs} runs",
        "fill the table of every scenario on every step.",
        "The whole table",
        docs / "matrix.md",
    )

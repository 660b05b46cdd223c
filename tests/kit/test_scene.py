"""The scene: what it writes down, how it looks, and that it gives back what it took."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, BOB, Browser, Scenario, Thief
from lessons.kit.stage.tables import PALETTE, Table


@pytest.fixture
def scenario():
    with Scenario("step_4_login_stamping") as scenario:
        yield scenario


@pytest.fixture
def everybody_asked(scenario, capsys):
    """Alice was signed out by her phone, Bob was not. What `show()` printed."""
    laptop, phone = scenario.browser("alice_laptop"), scenario.browser("alice_phone")
    laptop.sign_in(ALICE)
    phone.sign_in(ALICE)
    scenario.browser("bob").sign_in(BOB)
    phone.log_out_everywhere()
    scenario.show()
    return capsys.readouterr().out


def cells_of(html):
    rows = BeautifulSoup(html, "html.parser")("tr")
    return [[cell.text for cell in row(["th", "td"])] for row in rows]


def test_outside_a_notebook_the_scene_is_a_plain_table(everybody_asked):
    assert everybody_asked == (
        "browser       GET /                    its stamp  token in the database\n"
        "alice_laptop  303 to /login?expired=1  token-1    token-2\n"
        "alice_phone   303 to /login            -          -\n"
        "bob           200 Hello, Bob           token-3    token-3\n"
    )


def test_in_a_notebook_it_says_who_is_in_by_symbol_and_word(scenario, everybody_asked):
    assert cells_of(scenario._repr_html_()) == [
        ["browser", "", "last seen", "its stamp", "token in the database"],
        ["alice_laptop", "✗ out", "is out", "-", "-"],
        ["alice_phone", "✗ out", "is out", "-", "-"],
        ["bob", "✓ in", "is in", "token-3", "token-3"],
    ]
    assert repr(scenario).splitlines()[-1] == "bob           is in      token-3    token-3"


def test_to_look_at_a_scene_asks_for_nothing(scenario, everybody_asked):
    events, cookies = list(scenario.events), [b.cookie for b in scenario.browsers.values()]
    assert repr(scenario)
    assert scenario._repr_html_()
    assert scenario.events == events
    assert [browser.cookie for browser in scenario.browsers.values()] == cookies


def test_a_token_has_a_colour_of_the_flights_and_keeps_its_name():
    table = Table(
        ("browser", "its stamp"), [(f"b{n}", f"token-{n}") for n in (1, 2, 5)], [None] * 3
    )
    chips = BeautifulSoup(table._repr_html_(), "html.parser")("span")
    assert [chip.text for chip in chips] == ["token-1", "token-2", "token-5"]
    colours = PALETTE["light"]
    found = [next(c for c in colours if c in chip["style"]) for chip in chips]
    assert found == [colours[0], colours[1], colours[0]]


def test_what_a_page_says_is_no_html_of_ours():
    table = Table(("browser", "GET /"), [("thief", "200 Hello, <b>Alice</b>")], [True])
    assert "&lt;b&gt;Alice" in table._repr_html_()


def test_a_notebook_gets_both(tmp_path):
    """As IPython shows it: with the table to look at, and the plain one that is compared."""
    pytest.importorskip("IPython")
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "from IPython.utils.capture import capture_output\n"
        "shell = InteractiveShell.instance()\n"
        "with capture_output() as shown:\n"
        "    shell.run_cell('''\n"
        "from lessons.kit.stage import ALICE, Scenario\n"
        "with Scenario('step_4_login_stamping') as scenario:\n"
        "    scenario.browser('laptop').sign_in(ALICE)\n"
        "    scenario.show()\n"
        "''')\n"
        "(output,) = shown.outputs\n"
        "print(*sorted(output.data), output.data['text/plain'], sep='\\n')\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert done.stdout.splitlines() == [
        "text/html",
        "text/plain",
        "browser  GET /             its stamp  token in the database",
        "laptop   200 Hello, Alice  token-1    token-1",
    ], done.stderr


def test_every_request_is_written_down_with_its_stamp_and_the_token_it_met(scenario):
    laptop = scenario.browser("alice_laptop")
    laptop.sign_in(ALICE)
    scenario.User.get(scenario.User.email == ALICE.email).invalidate_sessions()
    laptop.open("/")
    signed_in, asked = (event.renamed(scenario.name_of) for event in scenario.events)
    assert (signed_in.sent, signed_in.stamp, signed_in.outcome) == (None, "token-1", "logs in")
    assert (asked.stamp, asked.token, asked.outcome) == ("token-1", "token-3", "is out")


def test_a_browser_without_a_name_leaves_no_trace(scenario):
    laptop = scenario.browser("alice_laptop")
    laptop.sign_in(ALICE)
    assert Thief(laptop).is_signed_in()
    Browser(scenario.site).open("/")
    assert [event.browser for event in scenario.events] == ["alice_laptop"]


def test_a_scene_that_is_over_gives_back_what_it_took():
    with Scenario("step_6_four_situations") as scenario:
        place, sessions, db = Path(scenario.place.name), scenario.parts.sessions, scenario.database
        ahead = sessions.now
        scenario.wait(minutes=60)
    assert not place.exists()
    assert sessions.now is not ahead
    assert db.db.is_closed()
    assert repr(scenario) == "<Scenario of step_6_four_situations: over>"
    with pytest.raises(RuntimeError, match="over"):
        scenario.show()

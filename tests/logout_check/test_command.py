"""The command, as somebody types it: what it writes, and how it ends."""

import json
import re
import tomllib
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from logout_check.command import FORMS, main
from logout_check.config import read_app
from logout_check.scenarios import SCENARIOS, all_scenarios
from tests.support.logout_check.right import App, Response, file_of, handler_of
from tests.support.logout_check.serving import served
from tests.support.logout_check.wrong import ACacheIsAsked, LogoutClearsTheCookie


def typed(*words):
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


class Hostile(LogoutClearsTheCookie):
    """Its answers hold what would be code in a page, and what XML cannot hold."""

    def log_out(self, request, session):
        response = super().log_out(request, session)
        where = ("Location", "/<script src=//x.example>|]]>\x1b[31m")
        response.headers = [pair for pair in response.headers if pair[0] != "Location"] + [where]
        return response


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A run of three scenarios on that app, in every form, by name; and what was said."""
    folder = tmp_path_factory.mktemp("written")
    with file_of(Hostile(), folder) as path:
        text = path.read_text().replace("[devices]", "[devices]\nid = 'id'")
        path.write_text(text.partition("[stream]")[0])
        options = [word for form in FORMS for word in (f"--{form}", folder / "out" / form)]
        result = typed("run", path, "--only", "2,6", "--only", "24", *options)
    assert result.exit_code == 1
    return {form: (folder / "out" / form).read_text("utf-8") for form in FORMS} | {
        "said": result.output
    }


def test_the_lines(written):
    said = written["said"]
    assert re.findall(r"^ *(\d+)  (\S.*?)  ", said, re.M) == [
        ("2", "holds"),
        ("6", "broken"),
        ("24", "not offered"),
    ]
    assert "After Alice logged out on the laptop, the copy is still in." in said
    assert "How to fix it: Keep sessions on the server" in said
    assert "POST  /logout" in said
    assert "1 of 2 promises hold: 1 holds, 1 broken, 1 not offered." in said


def test_it_says_beforehand_what_it_will_change(written):
    before = written["said"].partition("\n\n")[0]
    assert "signs in as alice@example.com and bob@example.com" in before
    assert "- ends Alice's sessions" in before


def test_json(written):
    told = json.loads(written["json"])
    assert told["counts"] == {"holds": 1, "broken": 1, "not offered": 1, "could not tell": 0}
    assert [one["number"] for one in told["scenarios"]] == [2, 6, 24]
    assert told["scenarios"][1]["asvs"] == ["7.4.1"]
    last = told["scenarios"][1]["requests"][-1]
    assert last == {"who": "the copy", "method": "GET", "path": "/", "came": "200"}


def test_junit(written):
    suite = ET.fromstring(written["junit"]).find("testsuite")  # noqa: S314
    kinds = {case.get("name").partition(" ")[0]: [below.tag for below in case] for case in suite}
    assert kinds == {"2": [], "6": ["failure"], "24": ["skipped"]}
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["3", "1", "0", "1"]


class Asked(HTMLParser):
    """What a browser would fetch, run or follow."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        names = {"src", "href", "srcset", "data", "action", "poster"}
        self.found += [tag] if tag in {"script", "link", "iframe"} else []
        self.found += [value for name, value in attrs if name in names]
        self.found += [name for name, _ in attrs if name.startswith("on")]


def test_html_asks_for_nothing(written):
    assert Asked(written["html"]).found == []
    assert "url(" not in written["html"]
    assert "@import" not in written["html"]
    assert "&lt;script src=" in written["html"]
    assert "the copy is still in" in written["html"]


def test_nothing_steers_a_terminal(written):
    assert "/<script src=//x.example>|]]>" in written["said"]
    assert not [form for form, text in written.items() if "\x1b" in text or "\\u001b" in text]


def test_markdown(written):
    rows = [line for line in written["markdown"].splitlines() if line.startswith("| 6")]
    (row,) = rows
    title = "A copied cookie no longer works after an ordinary logout"
    assert row.startswith(f"| 6 | {title} | ✗ broken |")


def test_what_is_otherwise_than_expected_is_said(tmp_path):
    with file_of(App(), tmp_path) as path:
        path.write_text('expected = [6, "2 holds"]\n' + path.read_text())
        options = [word for form in FORMS for word in (f"--{form}", tmp_path / form)]
        result = typed("run", path, "--only", "2,6", *options)
    assert result.exit_code == 1
    assert "Expected otherwise: 6 is holds, not broken." in result.output
    for form in ("markdown", "html"):
        text = (tmp_path / form).read_text("utf-8")
        assert ("holds (as expected)" in text, "holds (expected: broken)" in text) == (True, True)
    suite = ET.parse(tmp_path / "junit").find("testsuite")  # noqa: S314
    assert [[below.tag for below in case] for case in suite] == [[], ["failure"]]


def test_badge(written):
    assert "1 of 2 promises hold" in ET.fromstring(written["badge"]).get("aria-label")  # noqa: S314


def test_a_report_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with file_of(App(), tmp_path) as path:
        result = typed("run", path, "--only", "1", "--json", tmp_path / "file" / "x")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].count("x cannot be written: ")


@pytest.mark.parametrize("app", [App, ACacheIsAsked])
def test_load_measures_the_staleness(app, tmp_path):
    with file_of(app(), tmp_path) as path:
        result = typed("load", path, "--rounds", "1", "--clients", "4")
    staleness = result.output.splitlines()[1].split()[-2:]
    if app is App:
        assert result.exit_code == 0
        assert staleness[-1] == "none"
    else:
        assert result.exit_code == 1
        assert 0 < int(staleness[0]) <= 400


def test_init_drafts_a_file_that_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("ALICE_PASSWORD", "the secret of Alice")
    monkeypatch.setenv("BOB_PASSWORD", "the secret of Bob")
    with served(handler_of(App())) as port:
        draft = typed("init", f"http://127.0.0.1:{port}/")
        path = tmp_path / "app.toml"
        path.write_text(draft.stdout)
        result = typed("run", path, "--only", "1,17,19,20")
    tables = tomllib.loads(draft.stdout)
    assert tables["people"]["alice"]["login"] == "alice@example.com"
    assert tables["in"] == {"url": "/"}
    assert tables["login"]["form"] == {"email": "{login}", "password": "{password}"}
    assert tables["remember"] == {"form": {"remember": "yes"}}
    assert "4 of 4 promises hold" in result.output


class RailsLike(App):
    def show_login(self, request):
        form = (
            '<form action="/search"><input name="q"></form>'
            '<form action="/users/sign_in"><input type="hidden" name="authenticity_token">'
            '<input type="email" name="user[email]"><input type="password" name="user[password]">'
        )
        return Response(200, form)


def test_init_finds_the_form_with_the_password():
    with served(handler_of(RailsLike())) as port:
        draft = typed("init", f"http://127.0.0.1:{port}/login")
    login = tomllib.loads(draft.stdout)["login"]
    assert login == {
        "url": "/users/sign_in",
        "page": "/login",
        "form": {"user[email]": "{login}", "user[password]": "{password}"},
    }


class DjangoLike(App):
    """Its home is for all, and its names are those of Django's own pages."""

    private = ("GET", "/accounts/password_change/")

    def routed(self, request):
        if (request.method, request.path) == ("GET", "/"):
            return Response(200, "Hello, whoever you are.")
        if (request.method, request.path) == self.private:
            return Response(302, "", [("Location", f"/accounts/login/?next={request.path}")])
        if request.path.startswith("/accounts/login/"):
            return self.show_login(request)
        return super().routed(request)

    def show_login(self, request):
        form = (
            '<form><input type="hidden" name="csrfmiddlewaretoken"><input name="username">'
            '<input type="password" name="password"><input type="checkbox" name="remember_me">'
        )
        return Response(200, form)


def drafted(app, page="/accounts/login/"):
    with served(handler_of(app)) as port:
        result = typed("init", f"http://127.0.0.1:{port}{page}")
    return result, tomllib.loads(result.stdout)


def test_init_knows_djangos_own_pages():
    _, told = drafted(DjangoLike())
    assert told["people"]["alice"]["login"] == "alice"
    assert told["login"]["url"] == "/accounts/login/"
    assert told["in"] == {"url": "/accounts/password_change/"}
    assert told["logout"] == {"url": "/accounts/logout/"}
    assert told["password"] == {
        "url": "/accounts/password_change/",
        "page": "/accounts/password_change/",
        "form": {
            "old_password": "{password}",
            "new_password1": "{new_password}",
            "new_password2": "{new_password}",
        },
        "answers": 302,
    }


@pytest.mark.parametrize(
    ("kind", "found"), [("text", "get_by_natural_key("), ("email", "get(email=")]
)
def test_init_finds_django_users_by_what_they_sign_in_with(kind, found):
    class WithItsKind(DjangoLike):
        def show_login(self, request):
            page = super().show_login(request)
            page.body = page.body.replace('name="username"', f'name="login" type="{kind}"')
            return page

    result, told = drafted(WithItsKind())
    assert told["people"]["alice"]["login"].endswith("@example.com") == (kind == "email")
    assert f"objects.{found}os.environ['LOGIN'])" in result.stdout


def test_init_knows_allauths_pages():
    class AllauthLike(DjangoLike):
        private = ("GET", "/accounts/password/change/")

    _, told = drafted(AllauthLike())
    assert told["in"] == {"url": "/accounts/password/change/"}
    assert told["logout"] == {"url": "/accounts/logout/"}
    assert told["password"] == {
        "url": "/accounts/password/change/",
        "page": "/accounts/password/change/",
        "form": {
            "oldpassword": "{password}",
            "password1": "{new_password}",
            "password2": "{new_password}",
        },
        "answers": 302,
    }


def test_init_says_what_must_be_seen_where_no_page_leads_to_the_login():
    class OpenToAll(DjangoLike):
        private = ()

    _, told = drafted(OpenToAll())
    assert told["in"] == {"url": "/", "text": "{login}"}


def test_init_names_no_page_that_is_not_there():
    class WithoutAPasswordPage(DjangoLike):
        private = ("GET", "/profile")

    _, told = drafted(WithoutAPasswordPage())
    assert not {"logout", "password"} & set(told)
    assert told["in"] == {"url": "/profile"}


def test_init_takes_the_page_from_which_one_is_led_to_the_login():
    class TwoRooms(DjangoLike):
        private = ("GET", "/rooms/2")

    _, told = drafted(TwoRooms(), "/rooms/2")
    assert told["in"] == {"url": "/rooms/2"}


def test_a_slash_that_is_added_is_no_page_for_people_who_are_in():
    class WithASlash(DjangoLike):
        private = ("GET", "/dashboard")

        def routed(self, request):
            if request.path == "/accounts/login":
                return Response(301, "", [("Location", "/accounts/login/")])
            return super().routed(request)

    _, told = drafted(WithASlash(), "/accounts/login")
    assert told["in"] == {"url": "/dashboard"}


def test_each_table_of_the_draft_stands_by_itself():
    result, _ = drafted(DjangoLike())
    lines = result.stdout.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(r"(# )?\[", line)]
    assert len(heads) > 8
    assert [lines[number] for number in heads if lines[number - 1]] == []


@pytest.mark.parametrize("app", [App, DjangoLike])
def test_what_is_commented_out_in_the_draft_can_be_used(app, tmp_path, monkeypatch):
    monkeypatch.setenv("ALICE_PASSWORD", "one")
    monkeypatch.setenv("BOB_PASSWORD", "two")
    result, before = drafted(app(), "/login" if app is App else "/accounts/login/")
    used = re.sub(r"^# (?=\[|\w+ = )", "", result.stdout, flags=re.M)
    (tmp_path / "app.toml").write_text(used)
    tables = read_app(tmp_path / "app.toml").tables
    names = {"logout", "everywhere", "password", "profile", "operator"}
    assert names <= set(tables)
    assert not {"everywhere", "profile", "operator"} & set(before)


def test_init_ends_with_what_is_next():
    result, _ = drafted(DjangoLike())
    assert "  export ALICE_PASSWORD='...'\n" in result.stderr
    assert "export" not in result.stdout


def test_init_where_there_is_no_form():
    with served(handler_of(App())) as port:
        result = typed("init", f"http://127.0.0.1:{port}/about")
    assert result.exit_code == 2
    assert "/about answers 200 and shows no form with a password." in result.output


def test_list_explain_and_pages_say_the_same(tmp_path):
    listed = typed("list").output
    typed("pages", tmp_path)
    for scenario in all_scenarios():
        assert f"{scenario.number:>3}  {scenario.title}\n" in listed
        page = (tmp_path / f"{scenario.number}.md").read_text()
        assert page == typed("explain", scenario.number).output
        assert scenario.story in page
        assert scenario.title in (tmp_path / "index.md").read_text()


@pytest.mark.parametrize("words", [["explain", "99"], ["run", "x.toml", "--only", "1,99"]])
def test_there_is_no_such_scenario(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with file_of(App(), tmp_path) as path:
        path.rename(tmp_path / "x.toml")
        result = typed(*words)
    assert result.exit_code == 2
    assert result.output == "Error: There is no scenario '99'. See: logout-check list\n"


def test_every_scenario_says_all():
    for scenario in SCENARIOS.values():
        assert scenario.story, scenario.number
        assert scenario.suffers, scenario.number
        assert scenario.mend, scenario.number
        assert scenario.asvs or scenario.wstg, scenario.number

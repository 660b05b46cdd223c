"""The file: a mistake is told by its line and its key, and nothing is asked of the app."""

import pytest
from click.testing import CliRunner

from logout_check.command import main
from logout_check.config import FileError, read_app
from logout_check.verdicts import Verdict

GOOD = """\
expected = [6, "20 could not tell"]
[app]
url = "http://127.0.0.1:9"
[people.alice]
login = "alice"
password = "one"
[people.bob]
login = "bob"
password = { env = "BOBS" }
name = "Robert"
[login]
url = "/login"
form = { user = "{login}", word = "{password}" }
[in]
url = "/"
[logout]
url = "/logout"
answers = [302, 303]
"""


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.setenv("BOBS", "two")

    def read(text):
        path = tmp_path / "app.toml"
        path.write_text(text)
        return read_app(path)

    return read


def test_what_it_says(read):
    app = read(GOOD)
    assert app.url == "http://127.0.0.1:9"
    assert (app.people["alice"].name, app.people["bob"].name) == ("Alice", "Robert")
    assert app.people["bob"].password == "two"
    assert app.actions["logout"].answers == (302, 303)
    assert app.expected == {"6": Verdict.BROKEN, "20": Verdict.COULD_NOT_TELL}
    assert app.offers("logout")
    assert not app.offers("everywhere")


def test_an_e_mail_address_may_differ_from_the_login(read):
    app = read(GOOD.replace('login = "alice"', 'login = "alice"\nemail = "alice@example.com"'))
    emails = [app.people[who].words()["email"] for who in ("alice", "bob")]
    assert emails == ["alice@example.com", "bob"]
    read(GOOD.replace('"{login}"', '"{email}"'))


def test_a_password_from_a_file(read, tmp_path):
    (tmp_path / "secret").write_text("from a file\n")
    app = read(GOOD.replace('{ env = "BOBS" }', '{ file = "secret" }'))
    assert app.people["bob"].password == "from a file"


def test_all_passwords_that_are_not_in_the_environment_are_told_at_once(read):
    with pytest.raises(FileError) as error:
        read(GOOD.replace('"one"', '{ env = "ALICES" }').replace("BOBS", "NOBODYS"))
    assert str(error.value).endswith(
        "line 6: people.alice.password: the environment has no ALICES and no NOBODYS. "
        "First: export ALICES='...' NOBODYS='...'"
    )


def test_a_password_is_not_shown(read):
    assert "one" not in repr(read(GOOD).people["alice"])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[logout]", "[log_out]", "line 16: log_out: there is no such table."),
        ("answers = ", "anwsers = ", "line 18: logout.anwsers: is not known."),
        (
            "answers = [302, 303]",
            'answers = "302"',
            "line 18: logout.answers: must be a number",
        ),
        ("{password}", "{passwrod}", "line 13: login.form.word: {passwrod} is not known."),
        (
            'url = "http://127.0.0.1:9"',
            'url = "127.0.0.1:9"',
            "line 3: app.url: is not the address",
        ),
        (
            'url = "http://127.0.0.1:9"',
            'url = "http://x/a"',
            "line 3: app.url: is not the address",
        ),
        (
            'url = "http://127.0.0.1:9"',
            'url = "http://a:b@x"',
            "line 3: app.url: is not the address",
        ),
        ('url = "http://127.0.0.1:9"', "url = 9", "line 3: app.url: must be text."),
        ('url = "http://127.0.0.1:9"', 'urI = "http://x"', "line 3: app.urI: is not known."),
        ('login = "bob"\n', "", "line 7: people.bob.login: is needed, and is not there."),
        ("[people.bob]", "[people.rob]", "line 7: people.rob: is not known."),
        ('{ env = "BOBS" }', '{ env = "NOBODYS" }', "line 9: people.bob.password: the environment"),
        ('{ env = "BOBS" }', '{ file = "none" }', "line 9: people.bob.password: the file none"),
        ('{ env = "BOBS" }', "{ x = 1 }", "line 9: people.bob.password: must be text, {env"),
        ('[in]\nurl = "/"', "[in]", "line 14: in.url: is needed, and is not there."),
        ("[6, ", "[six, ", "this is not TOML"),
        ("[6, ", '["six", ', "line 1: expected: 'six' is not a scenario's number"),
        ('"20 could not tell"', '"20 fails"', "line 1: expected: '20 fails' is not"),
        ("[logout]", "[operator.undo]\nx = '1'\n[logout]", "line 17: operator.undo.x: no such"),
        (
            'url = "/logout"',
            'form = {}\njson = {}\nurl = "/"',
            "line 18: logout.json: there is",
        ),
    ],
)
def test_a_mistake(old, new, told, read):
    assert old in GOOD
    with pytest.raises(FileError) as error:
        read(GOOD.replace(old, new, 1))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", [b"\xff", b"", b"app = 1", b"people = 1\n[app]\nurl='http://x'"])
def test_odd_files_are_told_in_one_line(text, tmp_path):
    path = tmp_path / "app.toml"
    path.write_bytes(text)
    result = CliRunner().invoke(main, ["run", str(path)])
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: {path}")
    assert len(result.output.splitlines()) == 1


def test_a_file_that_is_not_there():
    result = CliRunner().invoke(main, ["run", "nowhere.toml"])
    assert (result.exit_code, result.output) == (
        2,
        "Error: nowhere.toml: cannot be read: No such file or directory.\n",
    )

"""A first draft of the file, from a look at the login page."""

from pathlib import Path
from urllib.parse import urlsplit

from .browser import Browser
from .config import Action, App, Person
from .forms import Form, Page
from .verdicts import CouldNotTell
from .webapp import Site

USER_NAMES = ("mail", "user", "login", "name")

DRAFT = """\
# A draft: what logout-check has seen on {page}. All that it can hold: docs/check/file.md
# expected = [6]                        # scenarios that are known to be broken

[app]
url = "{url}"

[people.alice]                          # two people who may be signed out at any moment
login = "alice@example.com"
password = {{ env = "ALICE_PASSWORD" }}
name = "Alice"                          # as pages show her

[people.bob]
login = "bob@example.com"
password = {{ env = "BOB_PASSWORD" }}
name = "Bob"

[login]
url = "{login}"
{page_line}form = {{ {fields} }}

[in]
url = "/"                               # a page that only people who are in can open
# text = "Hello, {{name}}"                # if it opens for strangers too: what only they see

# Each of these is optional. What is not here is "not offered".
{remember}
# [logout]
# url = "/logout"

# [everywhere]                          # log out everywhere
# url = "/sessions/end"
# form = {{ current_password = "{{password}}" }}

# [password]
# url = "/password"
# page = "/password"                    # where the form is, if not on the page above
# form = {{ current_password = "{{password}}", new_password = "{{new_password}}" }}

# [profile]
# url = "/profile"
# form = {{ name = "{{new_name}}" }}

# [operator]                            # shell commands, for what no URL offers
# deactivate = "manage deactivate {{login}}"
# activate = "manage activate {{login}}"
"""


def draft(url: str, site: Site) -> str:
    """Raises CouldNotTell if there is no form with a password."""
    parts = urlsplit(url)
    nobody = {"alice": Person("", "", "")}
    app = App(Path(), site.url, nobody, {"login": Action("")}, {"in": {"url": "/"}}, {})
    browser = Browser(app, site, "a stranger", [])
    answer = browser.follow(parts.path or "/")[-1]
    page = Page(answer.text, answer.path.partition("?")[0])
    form = login_form(page)
    if form is None:
        raise CouldNotTell(
            f"{answer.path} answers {answer.came} and shows no form with a password. "
            "Name the login page itself."
        )
    return written(site.origin, page.path, form)


def login_form(page: Page) -> Form | None:
    """The form with one password; a form to join has often two."""
    forms = [form for form in page.forms if any(f.kind == "password" for f in form.fields)]
    return min(forms, key=lambda form: len(form.fields), default=None)


def written(url: str, page: str, form: Form) -> str:
    password = next(field.name for field in form.fields if field.kind == "password")
    texts = [field.name for field in form.fields if field.kind in ("text", "email", "tel")]
    user = next((name for name in texts if any(part in name.lower() for part in USER_NAMES)), None)
    user = user or (texts[0] if texts else "login")
    boxes = [field for field in form.fields if field.kind == "checkbox"]
    remember = "\n".join(
        f'\n[remember]\nform = {{ {field.name} = "{field.value or "on"}" }}'
        for field in boxes
        if "remember" in field.name.lower()
    )
    return DRAFT.format(
        page=page,
        url=url,
        login=form.action,
        page_line="" if form.action == page else f'page = "{page}"\n',
        fields=f'{quoted(user)} = "{{login}}", {quoted(password)} = "{{password}}"',
        remember=remember,
    )


def quoted(key: str) -> str:
    """A key of TOML; Rails calls its fields user[email]."""
    return key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'

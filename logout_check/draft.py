"""A first draft of the file, from a look at the login page."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from .browser import Browser
from .config import Action, App, Person
from .forms import Field, Form, Page
from .verdicts import CouldNotTell, NoAnswer
from .webapp import Site

USER_NAMES = ("mail", "user", "login", "name")
ROOMS = ("/", "/home", "/dashboard", "/account", "/accounts/profile/", "/profile", "/me")

DRAFT = """\
# A draft. The address, the login's fields and [in] are what logout-check has seen on {page};
# Alice and Bob are to be filled in. What else it can hold is on the page "The file" of the manual.
# expected = [6]                        # scenarios that are known to be broken

[app]
url = "{url}"

[people.alice]                          # two people who may be logged out at any moment
login = "alice{host}"
password = {{ env = "ALICE_PASSWORD" }}
name = "Alice"                          # as pages show her

[people.bob]
login = "bob{host}"
password = {{ env = "BOB_PASSWORD" }}
name = "Bob"

[login]
url = "{login}"
{page_line}form = {{ {fields} }}

{inside}
# Each of these is optional, and without it something is "not offered". Where the app has what still
# stands behind a #, take the # away.

{remember}{buttons}
# [everywhere]                          # log out everywhere
# url = "/sessions/end"
# form = {{ current_password = "{{password}}" }}     # if it asks for it

# [profile]
# url = "/profile"
# page = "/profile"                     # where the form is, if not on the page of [in]
# form = {{ name = "{{new_name}}" }}
{operator}"""

CLOSED = """\
[in]
url = "{room}"{space}# it leads strangers to the login
# text = "Hello, {{name}}"                # if it opens for strangers too: what only they see
"""

OPEN = """\
[in]
url = "/"                               # better: a page that only people who are in can open
text = "{login}"                        # this one opens for strangers: what only they see
"""

BUTTONS = """\
# [logout]
# url = "/logout"

# [password]
# url = "/password"
# page = "/password"                    # where the form is, if not on the page of [in]
# form = { current_password = "{password}", new_password = "{new_password}" }
# answers = [302, 303]                  # only if it shows the form again where it agrees
"""

OPERATOR = """
# [operator]                            # shell commands, for what no URL offers
# deactivate = "manage deactivate {login}"
# activate = "manage activate {login}"
"""

DJANGO_BUTTONS = """\
[logout]
url = "{folder}logout/"

[password]
url = "{folder}password_change/"
page = "{folder}password_change/"
form = {{ old_password = "{{password}}", new_password1 = "{{new_password}}", \
new_password2 = "{{new_password}}" }}
answers = 302                           # Django shows the form again, with a 200, to refuse
"""

ALLAUTH_BUTTONS = """\
[logout]
url = "{folder}logout/"

[password]
url = "{folder}password/change/"
page = "{folder}password/change/"
form = {{ oldpassword = "{{password}}", password1 = "{{new_password}}", \
password2 = "{{new_password}}" }}
answers = 302                           # allauth shows the form again, with a 200, to refuse
"""

DJANGO_PAGES = {"password_change/": DJANGO_BUTTONS, "password/change/": ALLAUTH_BUTTONS}

DJANGO_SHELL = (
    'python manage.py shell -v0 -c "import os; from django.contrib.auth import get_user_model; '
    "u = get_user_model().objects.get_by_natural_key(os.environ['LOGIN']); {}; u.save()\""
)
DJANGO_OPERATOR = f"""
# [operator]                            # shell commands. This file belongs beside manage.py then
# rotate = '''{DJANGO_SHELL.format("u.set_password(os.environ['PASSWORD'])")}'''
# deactivate = '''{DJANGO_SHELL.format("u.is_active = False")}'''
# activate = '''{DJANGO_SHELL.format("u.is_active = True")}'''
"""


def draft(url: str, site: Site) -> str:
    """Raises CouldNotTell if there is no form with a password."""
    asked = urlsplit(url).path or "/"
    nobody = {"alice": Person("", "", "")}
    app = App(Path(), site.url, nobody, {"login": Action("")}, {"in": {"url": "/"}}, {})
    browser = Browser(app, site, "a stranger", [])
    answer = browser.follow(asked)[-1]
    page = path_of(answer.path)
    form = login_form(Page(answer.text, answer.path))
    if form is None:
        raise CouldNotTell(
            f"{answer.path} answers {answer.came} and shows no form with a password. "
            "Name the login page itself."
        )
    user, password = user_field(form), next(iter(form.names("password")))
    buttons, operator = buttons_of(browser, form)
    return DRAFT.format(
        page=page,
        url=site.origin,
        host="@example.com" if is_address(user) else "",
        login=form.action,
        page_line="" if form.action == page else f'page = "{page}"\n',
        fields=f'{quoted(user.name)} = "{{login}}", {quoted(password)} = "{{password}}"',
        inside=inside(browser, asked, page, form),
        remember=remember(form),
        buttons=buttons,
        operator=operator,
    )


def path_of(address: str) -> str:
    return address.partition("?")[0]


def login_form(page: Page) -> Form | None:
    """The form with one password; a form to register often has two."""
    forms = [form for form in page.forms if form.names("password")]
    return min(forms, key=lambda form: len(form.fields), default=None)


def user_field(form: Form) -> Field:
    texts = [field for field in form.fields if field.kind in ("text", "email", "tel")]
    named = [field for field in texts if any(part in field.name.lower() for part in USER_NAMES)]
    return next(iter(named + texts), Field("login", "text", ""))


def is_address(user: Field) -> bool:
    return "mail" in user.name.lower() + user.kind


def inside(browser: Browser, asked: str, login_page: str, form: Form) -> str:
    """The page for people who are in: the first that leads a stranger to the login."""
    known = [folder_of(form) + page for page in DJANGO_PAGES]
    for path in dict.fromkeys((asked, *ROOMS, *known)):
        with suppress(NoAnswer):
            way = [path_of(answer.path) for answer in browser.follow(path)]
            if way[-1] == login_page and len(way) > 1 and not same(way[-2], login_page):
                return CLOSED.format(room=way[-2], space=" " * max(1, 32 - len(way[-2])))
    return OPEN


def same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def remember(form: Form) -> str:
    return "".join(
        f'[remember]\nform = {{ {quoted(field.name)} = "{field.value or "on"}" }}\n\n'
        for field in form.fields
        if field.kind == "checkbox" and "remember" in field.name.lower()
    )


def buttons_of(browser: Browser, form: Form) -> tuple[str, str]:
    """For Django we know where they are, if its own pages or allauth's are there."""
    folder, operator = folder_of(form), DJANGO_OPERATOR
    if is_address(user_field(form)):
        operator = operator.replace("get_by_natural_key(", "get(email=")
    for page, buttons in DJANGO_PAGES.items():
        if "csrfmiddlewaretoken" in form.names():
            with suppress(NoAnswer):
                if browser.get(folder + page).status != 404:
                    return buttons.format(folder=folder), operator
    return BUTTONS, OPERATOR


def folder_of(form: Form) -> str:
    return form.action.rstrip("/").rpartition("/")[0] + "/"


def quoted(key: str) -> str:
    """A key of TOML; Rails calls its fields user[email]."""
    return key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'

"""What a page says about its forms: the hidden fields, and the CSRF token."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

TOKEN_NAMES = ("csrf", "xsrf", "authenticity_token", "_token")
TYPED = ("text", "email", "tel", "number", "search", "url", "textarea", "password")


@dataclass
class Field:
    name: str
    kind: str
    value: str


@dataclass
class Form:
    """`target` is the address to which it is sent, and `action` the path in it."""

    target: str
    fields: list[Field] = field(default_factory=list)

    @property
    def action(self) -> str:
        return urlsplit(self.target).path

    def names(self, *kinds: str) -> set[str]:
        return {entry.name for entry in self.fields if not kinds or entry.kind in kinds}

    def hidden(self) -> dict[str, str]:
        return {entry.name: entry.value for entry in self.fields if entry.kind == "hidden"}


class Page(HTMLParser):
    """A page's forms, the tokens in its <meta> elements, and all addresses in it."""

    def __init__(self, html: str, path: str):
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.metas: dict[str, str] = {}
        self.addresses: list[str] = []
        self.inside: Form | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [
            given[name] for name in ("href", "action", "formaction") if given.get(name)
        ]
        if tag == "form":
            self.inside = Form(urldefrag(urljoin(self.path, given.get("action", ""))).url)
            self.forms.append(self.inside)
        elif tag in ("input", "button", "select", "textarea") and self.inside and "name" in given:
            kind = given.get("type", "text" if tag == "input" else tag).lower()
            self.inside.fields.append(Field(given["name"], kind, given.get("value", "")))
        elif tag == "meta" and "name" in given:
            self.metas[given["name"]] = given.get("content", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None

    def form_for(self, path: str, names: set[str]) -> Form | None:
        """The form that is sent to `path`, or else the one with most of these fields."""
        for form in self.forms:
            if form.action == path and (names <= form.names() or not names):
                return form
        there = [form for form in self.forms if form.action == path]
        best = max(self.forms, key=lambda form: len(names & form.names()), default=None)
        if there:
            return there[0]
        return best if best and names & best.names() else None

    def asks_again(self, names: set[str]) -> bool:
        """Whether there is a form that asks for a password, and for nothing but these."""
        return any(form.names("password") and form.names(*TYPED) <= names for form in self.forms)

    def token_fields(self) -> dict[str, str]:
        """The hidden fields of any form that look like a CSRF token."""
        found: dict[str, str] = {}
        for form in self.forms:
            found |= {name: value for name, value in form.hidden().items() if is_token(name)}
        return found

    def meta_token(self) -> str | None:
        return next(
            (value for name, value in self.metas.items() if is_token(name) and "param" not in name),
            None,
        )


def is_token(name: str) -> bool:
    return any(part in name.lower() for part in TOKEN_NAMES)

"""What a scenario acts with: people who sign in, browsers, the app's own buttons, the operator.

It keeps the rules that make a verdict meaningful. A sign-in counts when the next page opens.
A look is made with a copy of the cookies, so that answers change nothing. "Out" counts for a
browser that was let in just before. At the end the runner checks that Bob is still in.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

from .browser import Browser, Prepared, value_in
from .config import App, Person, fill
from .cookies import Cookie
from .shell import Operator
from .verdicts import Broken, CouldNotTell, Exchange, NoAnswer, NotOffered
from .webapp import Answer, Site

RESTART_SECONDS = 20


class Play:
    """One scenario's evening. `log` is what was asked and answered."""

    def __init__(self, app: App, site: Site):
        self.app, self.site = app, site
        self.log: list[Exchange] = []
        self.alice, self.bob = app.people["alice"], app.people["bob"]
        self.operator = Operator(app, self.alice, self.log)
        self.browsers: list[Browser] = []
        self.were_in: set[Browser] = set()
        self.by_operator = ""  # a note with a verdict on something that no button of the app does
        self.judged = 0  # how often something was required of the app
        self.to_put_back: list[tuple[str, Callable[[], object]]] = []
        self.bobs_browser: Browser | None = None

    # People and their browsers

    def browser(self, who: str) -> Browser:
        """A new browser, in which nobody is signed in."""
        return Browser(self.app, self.site, who, self.log)

    def signed_in(self, who: str, person: Person | None = None, remember: bool = False) -> Browser:
        """A browser in which Alice, or `person`, is in. Raises CouldNotTell if that fails."""
        browser = self.browser(who)
        self.sign_in(browser, person or self.alice, remember)
        return browser

    def sign_in(self, browser: Browser, person: Person, remember: bool = False) -> Answer:
        answer = self.try_to_sign_in(browser, person, remember)
        if answer.status == 429:
            self.untold(
                f"{person.name} cannot sign in: the login answers 429 (too many tries: wait, or "
                "raise its limit)."
            )
        if not self.is_in(browser):
            self.untold(
                f"{person.name} cannot sign in, or does not stay in: POST {answer.path} answers "
                f"{answer.came}, and then GET {self.app.get('in.url')} {self.log[-1].came}"
                f"{self.without_the_text(person)}. Is the password right?"
            )
        self.watch(browser)
        return answer

    def try_to_sign_in(self, browser: Browser, person: Person, remember: bool = False) -> Answer:
        """Send the login form, and accept any answer."""
        return self.send_login(
            browser, self.login_request(browser, person.words(), remember), person
        )

    def login_request(
        self, browser: Browser, words: dict[str, str], remember: bool = False
    ) -> Prepared:
        login = self.app.actions["login"]
        if remember:
            form = {**login.form, **self.app.get("remember.form", {})}
            more = self.app.get("remember.json", {})
            login = replace(login, form=form, json=login.json and {**login.json, **more})
        return browser.prepare(login, words, None if login.json is not None else login.url)

    def send_login(self, browser: Browser, request: Prepared, person: Person) -> Answer:
        login = self.app.actions["login"]
        answer = browser.send(request)
        browser.person = person
        token = value_in(answer.json, login.token)
        if isinstance(token, str) and answer.status < 400:
            browser.bearer = self.site.hide(token)
        return answer

    def remembered(self, who: str) -> Browser:
        """A browser that was told to remember Alice, closed, and opened again: she is in."""
        browser = self.signed_in(who, remember=True)
        browser.jar = browser.jar.after_the_browser_was_closed()
        if not (browser.known_by() and self.is_in(browser)):
            self.untold(f"{who} was closed, and does not remember Alice.")
        return browser

    def copy(self, browser: Browser, who: str = "the copy") -> Browser:
        """A thief's browser: it holds what this one is known by, now."""
        if not browser.known_by():
            self.untold(f"{browser.who} holds no cookie and no token that could be copied.")
        return self.watch(browser.copy(who))

    def watch(self, browser: Browser) -> Browser:
        if browser not in self.browsers:
            self.browsers.append(browser)
        return browser

    # Looking

    def look(self, browser: Browser, **headers: str) -> Answer:
        """The page for people who are in, asked for with a copy of what the browser holds."""
        return browser.copy(browser.who).get(self.app.get("in.url"), **headers)

    def ask(self, browser: Browser, method: str, path: str, **headers: str) -> Answer:
        """Another page, in the same way. A header's "_" is sent as "-"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return browser.copy(browser.who).send(Prepared(method, path, named, None))

    def is_in(self, browser: Browser) -> bool:
        answer = self.look(browser)
        if answer.status >= 500:
            self.untold(f"{browser.who}: GET {answer.path} answers {answer.came}.")
        return self.shows_it(answer, browser.person)

    def is_let_in(self, browser: Browser) -> bool:
        """For a browser whose sign-in may have been refused: without a cookie nobody is in."""
        return bool(browser.known_by()) and self.is_in(browser)

    def shows_it(self, answer: Answer, person: Person | None) -> bool:
        text = self.app.get("in.text", "")
        known = [{**person.words(), "name": name} for name in person.names] if person else [{}]
        good = 200 <= answer.status < 300
        return good and any(fill(text, words) in answer.text for words in known)

    def without_the_text(self, person: Person) -> str:
        """What a page that opened lacks for Alice to be in, if the file asks for a text."""
        opened, text = self.log[-1].came.startswith("200"), self.app.get("in.text", "")
        return f", without {fill(text, person.words())!r} (in.text)" if opened and text else ""

    def who_is_shown(self, answer: Answer) -> set[str]:
        """The logins of the people whose page this is, by in.text or by their name or login."""
        people = self.app.people.values()
        if "{" in self.app.get("in.text", ""):
            return {person.login for person in people if self.shows_it(answer, person)}
        return {person.login for person in people if is_named(person, answer.text)}

    def must_show(self, browser: Browser, person: Person) -> None:
        """A precondition: the page of those who are in says whose it is."""
        if self.who_is_shown(self.look(browser)) != {person.login}:
            self.untold(
                f"{self.app.get('in.url')} does not show that {person.name} is in. Say how by "
                'in.text, as "Hello, {name}".'
            )

    def session_cookies(self, browser: Browser) -> list[Cookie]:
        """The cookies without which this browser would be out. Raises NotOffered if none is."""
        if self.app.is_bearer:
            raise NotOffered("The session is no cookie: it is a bearer token.")
        needed = []
        for cookie in browser.jar.cookies:
            less = browser.copy("without one cookie")
            less.jar = browser.jar.without(cookie.name)
            if not self.is_in(less):
                needed.append(cookie)
        if not needed:
            self.untold(f"{browser.who} is in without any one of its cookies.")
        return needed

    # Judging

    def note_who_is_in(self) -> None:
        """To be done just before what is meant to end something."""
        self.were_in = {browser for browser in self.browsers if self.is_in(browser)}

    def must_be_out(self, *browsers: Browser, after: str) -> None:
        """Each was in just before, and is out now."""
        for browser in browsers:
            if browser not in self.were_in:
                self.untold(f"{browser.who} was not in before: that it is out means nothing.")
        self.judged += 1
        still = [browser.who for browser in browsers if self.is_in(browser)]
        if still:
            raise Broken(f"After {after}, {listed(still)} still in.")

    def must_be_in(self, *browsers: Browser, after: str) -> None:
        self.judged += 1
        out = [browser.who for browser in browsers if not self.is_in(browser)]
        if out:
            raise Broken(f"After {after}, {listed(out)} out.")

    def require(self, good: bool, otherwise: str) -> None:
        """Something else that the app promises. Raises Broken."""
        self.judged += 1
        if not good:
            raise Broken(otherwise)

    def untold(self, why: str) -> NoReturn:
        raise CouldNotTell(why)

    # Doing

    def do(self, name: str, browser: Browser, **words: str) -> Answer:
        """What the file calls `name`, by this browser's own person."""
        words = {**(browser.person or self.alice).words(), **words}
        return browser.do(self.app.actions[name], words, self.page_of_those_in)

    def prepared(self, name: str, browser: Browser, **words: str) -> Prepared:
        """The same, ready to be sent."""
        words = {**(browser.person or self.alice).words(), **words}
        return browser.prepare(self.app.actions[name], words, self.page_of_those_in)

    @property
    def page_of_those_in(self) -> str | None:
        """Where a form's token is looked for, if the file does not say."""
        return None if self.app.is_bearer else self.app.get("in.url")

    def end_everywhere(self, browser: Browser) -> str:
        """End all of Alice's sessions, by the app's own button or else by the operator. The
        browser keeps its old cookies. Returns what was done."""
        self.note_who_is_in()
        return self.end_everywhere_at_once(browser)

    def end_everywhere_at_once(self, browser: Browser) -> str:
        """The same without a look before."""
        if "everywhere" in self.app.actions:
            self.do("everywhere", browser.copy(browser.who))
            return "Alice logged out everywhere"
        self.operator.run("rotate")
        self.by_operator = "by the operator's rotate: the file has no everywhere"
        return "the operator ended Alice's sessions"

    def change_password(self, browser: Browser) -> None:
        """Give Alice a new password in this browser, and see that it signs in."""
        self.note_who_is_in()
        new = self.new_password()
        self.send_new_password(browser, self.prepared("password", browser, new_password=new), new)
        self.signed_in("Alice, with the new password")

    def send_new_password(self, browser: Browser, request: Prepared, new: str) -> Answer:
        """The form with the new password, filled in before. At the end the old one is put back."""
        self.keep_password()
        answer = browser.send(request)
        browser.require_agreement(self.app.actions["password"], answer)
        self.alice.password = new
        return answer

    def new_password(self) -> str:
        """A password that rules of all kinds accept."""
        return self.site.hide(f"Aa1-{secrets.token_urlsafe(15)}")

    def change_name(self, browser: Browser, name: str) -> None:
        self.put_back_later("Alice's name", self.put_back_name)
        self.alice.also.append(name)
        self.do("profile", browser, new_name=name)

    def name_is_shown(self, browser: Browser, name: str) -> bool:
        pages = dict.fromkeys((self.app.actions["profile"].page, self.app.get("in.url")))
        return any(name in self.ask(browser, "GET", page).text for page in pages if page)

    def must_show_name(self, browser: Browser, name: str) -> None:
        """A precondition: the app has taken the new name."""
        if not self.name_is_shown(browser, name):
            self.untold("A new name is not shown on profile.page, nor on in.url.")

    # Before and after

    def begin(self) -> None:
        """Bob signs in: at the end we check that he is still in."""
        self.bobs_browser = self.signed_in("Bob", self.bob)
        self.browsers.remove(self.bobs_browser)

    def end(self) -> None:
        """The result counts only if something was checked, and if Bob is still in."""
        if not self.judged:
            self.untold("The scenario has looked at nothing.")
        if self.bobs_browser and not self.is_in(self.bobs_browser):
            self.untold("Bob is out too, who has nothing to do with it: a refusal means nothing.")

    def keep_password(self) -> None:
        """At the end Alice gets back the password that she has now."""
        old = self.alice.password
        self.put_back_later("Alice's password", lambda: self.put_back_password(old))

    def put_back_password(self, old: str) -> None:
        if self.app.offers("operator.undo.password"):  # also after a request without an answer
            self.alice.password = old
            self.operator.undo("password")
            return
        if self.alice.password == old:
            return
        browser = self.signed_in("Alice, at the end")
        self.do("password", browser, new_password=old)
        self.alice.password = old

    def put_back_name(self) -> None:
        self.do("profile", self.signed_in("Alice, at the end"), new_name=self.alice.name)
        self.alice.also.clear()

    def operator_then_back(self, name: str) -> None:
        """The operator does it. If the file says how to undo it, that happens at the end."""
        if self.app.offers(f"operator.undo.{name}"):
            self.put_back_later(name, lambda: self.undo(name))
        self.operator.run(name)
        self.wait_for_the_app()

    def undo(self, name: str) -> None:
        self.operator.undo(name)
        self.wait_for_the_app()

    def wait_for_the_app(self) -> None:
        """After a restart: until it answers again."""
        until = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                self.look(self.browser("a stranger"))
                return
            except NoAnswer:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def put_back_later(self, what: str, how: Callable[[], object]) -> None:
        self.to_put_back.append((what, how))

    def put_back(self) -> list[str]:
        """Put back what was changed, the last first; return what could not be."""
        left = []
        while self.to_put_back:
            what, how = self.to_put_back.pop()
            try:
                how()
            except CouldNotTell as error:
                left.append(f"{what} could not be put back: {error}")
        return left

    @contextmanager
    def over_https(self) -> Iterator["Play"]:
        """The same play at the app's https address."""
        with Site(self.app.get("app.https").rstrip("/"), self.app.ca) as site:
            there = Play(self.app, site)
            there.log = self.log
            try:
                yield there
            finally:
                self.judged += there.judged


def is_named(person: Person, text: str) -> bool:
    """Whether the name or the login is on the page, as a whole word."""
    marks = (person.login, *person.names)
    return any(re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text) for mark in marks)


def listed(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"

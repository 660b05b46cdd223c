"""What the examples' tests share: a site of any framework, and its browsers."""

from dataclasses import dataclass

import bcrypt

from lessons.kit.stage import Browser

NEW_KEY = "the next key"


@dataclass
class Example:
    """A site, and where it checks a password."""

    site: object
    rekeyed: object
    invalidate: object
    checker: tuple[object, str] = (bcrypt, "checkpw")


class DjangoBrowser(Browser):
    """A browser that sends Django's CSRF token, as its forms do."""

    def send(self, path, **fields):
        if "csrftoken" not in self.cookies:
            self.get("/login")
        return super().send(path, csrfmiddlewaretoken=self.cookies["csrftoken"], **fields)

"""What people may type: one set of rules for the pages and the command line.

An `acceptable_…` gives the value back, or raises ValueError with what to do about it. What is
in use already stays valid.
"""

from .models import BCRYPT_BYTES

SHORTEST = 8  # characters (ASVS 6.2.1)


def acceptable_password(password: str) -> str:
    size = len(password.encode("utf-8", "surrogatepass"))
    if len(password) < SHORTEST or size > BCRYPT_BYTES:
        raise ValueError(
            f"A password must be {SHORTEST} characters to {BCRYPT_BYTES} bytes long. "
            "A plain letter is one byte, one with an accent two, an emoji four."
        )
    return password


def acceptable_name(name: str) -> str:
    return of_length("A name", name, 255)


def acceptable_reason(reason: str) -> str:
    return of_length("A reason", reason, 500)


def is_email(text: str) -> bool:
    one_word = text.isprintable() and not set(text) & set(" <>")
    return "@" in text.strip("@") and one_word and len(text) <= 255


def of_length(what: str, text: str, longest: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= longest:
        raise ValueError(f"{what} must be 1 to {longest} characters long.")
    return text

"""bcrypt for the lab, with pyca/bcrypt's names: real bcrypt, computed by bcryptjs.

pyca/bcrypt is compiled, and there is no build of it for the browser. A hash made here
verifies there, and the other way round.
"""

import base64
import hmac
import re
import secrets

import _bcryptjs  # the worker registers it

STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BCRYPTS = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
TO_BCRYPTS = bytes.maketrans(STANDARD, BCRYPTS)
SALT = re.compile(rb"\$2[ab]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu]")


def gensalt(rounds: int = 12) -> bytes:
    if not 4 <= rounds <= 31:
        raise ValueError("Invalid rounds")
    salt = base64.b64encode(secrets.token_bytes(16)).rstrip(b"=").translate(TO_BCRYPTS)
    return b"$2b$%02d$%s" % (rounds, salt)


def hashpw(password: bytes, salt: bytes) -> bytes:
    """The digest of `password`, which must be UTF-8: bcryptjs takes text."""
    if len(password) > 72:
        raise ValueError("password cannot be longer than 72 bytes")
    found = SALT.match(salt)
    if not found or not 4 <= int(found[1]) <= 31:
        raise ValueError("Invalid salt")
    text = password.decode("utf-8", "surrogatepass")
    return _bcryptjs.hashSync(text, found[0].decode()).encode()


def checkpw(password: bytes, hashed_password: bytes) -> bool:
    """Whether it is the password. What is not UTF-8 is none: `hashpw` took no such password."""
    try:
        return hmac.compare_digest(hashpw(password, hashed_password), hashed_password)
    except UnicodeDecodeError:
        return False

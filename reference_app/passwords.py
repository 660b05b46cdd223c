"""What a new password must be. One that is in use already stays valid."""

from .models import BCRYPT_BYTES

SHORTEST = 8  # bytes (ASVS 6.2.1)


def acceptable(password: str) -> str:
    """The password. Raises ValueError, with what to do about it."""
    if not SHORTEST <= len(password.encode("utf-8", "surrogatepass")) <= BCRYPT_BYTES:
        raise ValueError(
            f"A password must be {SHORTEST} to {BCRYPT_BYTES} bytes long. "
            "A plain letter is one byte, one with an accent two, an emoji four."
        )
    return password

"""The secret keys that sign the cookies: a file, one key a line, the newest last."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class KeyFileError(RuntimeError):
    """The key file cannot be used; the message says why, in one line."""


def read_keys(file: Path) -> list[str]:
    """The keys in `file`, oldest first. Raises KeyFileError."""
    try:
        keys = file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise KeyFileError(f"Cannot read the secret keys in {file}: {reason}.") from error
    if not keys:
        raise KeyFileError(f"There is no secret key in {file}.")
    return keys


def make_keys(file: Path) -> None:
    """Write one new key into `file`, for its owner alone, unless the file is there already.

    It appears whole or not at all: of several processes that start together one wins,
    and all of them read the same key. Raises KeyFileError.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(file, [new_key()]) as draft, suppress(FileExistsError):
            os.link(draft, file)
    except OSError as error:
        raise KeyFileError(f"Cannot make the key file {file}: {error.strerror}.") from error


def add_key(file: Path) -> None:
    """Sign with a new key from the next start on; the others still verify. Raises KeyFileError."""
    replace_keys(file, [*read_keys(file), new_key()])


def retire_key(file: Path) -> None:
    """Verify no longer with the oldest key. Raises KeyFileError, also for the only one."""
    others = read_keys(file)[1:]
    if not others:
        raise KeyFileError(f"There is only one key in {file}. Add one before this one goes.")
    replace_keys(file, others)


def new_key() -> str:
    return secrets.token_hex(32)


def replace_keys(file: Path, keys: list[str]) -> None:
    try:
        with draft_of(file, keys) as draft:
            os.replace(draft, file)
    except OSError as error:
        raise KeyFileError(f"Cannot write the key file {file}: {error.strerror}.") from error


@contextmanager
def draft_of(file: Path, keys: list[str]) -> Iterator[Path]:
    """A file beside `file` that only its owner can read; it is gone at the end."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write("".join(f"{key}\n" for key in keys))
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)

"""The keys that sign the cookies: a file with one key per line, the newest last."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHORTEST = 32  # characters of a key: 128 bits as hex digits


class KeyFileError(RuntimeError):
    """The key file cannot be used; the message says why, in one line."""


def read_keys(file: Path) -> list[str]:
    """The keys in `file`, oldest first. Raises KeyFileError."""
    try:
        refuse_readable_by_others(file)
        keys = file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise KeyFileError(f"Cannot read the secret keys in {file}: {reason}.") from error
    if not keys:
        raise KeyFileError(f"There is no secret key in {file}.")
    if min(map(len, keys)) < SHORTEST:
        raise KeyFileError(f"A secret key in {file} is shorter than {SHORTEST} characters.")
    return keys


def refuse_readable_by_others(file: Path) -> None:
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise KeyFileError(f"Others can use the secret keys in {file}. Run: chmod 600 {file}")


def make_keys(file: Path) -> None:
    """Write one new key into `file`, for its owner alone, unless the file is there already.

    The file appears whole or not at all. If several processes start together, one of them
    writes it, and all read the same key. Raises KeyFileError.
    """
    try:
        if file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(file, [new_key()]) as draft, suppress(FileExistsError):
            os.link(draft, file)
    except OSError as error:
        raise KeyFileError(f"Cannot make the key file {file}: {error.strerror}.") from error


def add_key(file: Path) -> None:
    """Sign with a new key from the next start on; the others still verify. Raises KeyFileError."""
    replace_keys(file, [*read_keys(file), new_key()])


def retire_key(file: Path) -> int:
    """Remove the oldest key; return how many are left. Raises KeyFileError, also for the last."""
    others = read_keys(file)[1:]
    if not others:
        raise KeyFileError(f"There is only one key in {file}. Add one before this one goes.")
    replace_keys(file, others)
    return len(others)


def new_key() -> str:
    return secrets.token_hex(32)


def replace_keys(file: Path, keys: list[str]) -> None:
    try:
        file = file.resolve()  # a link stays a link
        with draft_of(file, keys) as draft:
            keep_owner(draft, file.stat())
            os.replace(draft, file)
    except OSError as error:
        raise KeyFileError(f"Cannot write the key file {file}: {error.strerror}.") from error


def keep_owner(draft: Path, before: os.stat_result) -> None:
    """The service must still read its keys when root has changed them."""
    made = draft.stat()
    if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
        os.chown(draft, before.st_uid, before.st_gid)


@contextmanager
def draft_of(file: Path, keys: list[str]) -> Iterator[Path]:
    """A file beside `file` that only its owner can read; it is gone at the end."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w") as handle:
            handle.write("".join(f"{key}\n" for key in keys))
        yield draft
    finally:
        draft.unlink(missing_ok=True)

"""Where the app keeps its things, unless the environment says otherwise."""

import os
from pathlib import Path

DEFAULT_DATABASE_URL = "sqlite:///instance/app.db"


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or DEFAULT_DATABASE_URL


def key_file() -> Path:
    return Path(os.environ.get("SECRET_KEY_FILE") or "instance/secret_keys")


def throttle_storage() -> str:
    """Where wrong passwords are counted: in this process, or in what the workers share."""
    return os.environ.get("THROTTLE_STORAGE_URL") or "memory://"


def trusted_proxy() -> str | None:
    """The address of the TLS proxy in front of a server of your own, if there is one."""
    return os.environ.get("TRUSTED_PROXY") or None

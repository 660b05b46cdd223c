"""Where the app keeps its things, unless the environment says otherwise."""

import os
import re
from pathlib import Path

DEFAULT_DATABASE_URL = "sqlite:///instance/app.db"


class SettingError(ValueError):
    """A variable of the environment cannot be used; the message says why, in one line."""


def database_url() -> str:
    return os.environ.get("DATABASE_URL") or DEFAULT_DATABASE_URL


def read_database_url() -> str | None:
    """A standby of the database, from which downloads are read, if there is one."""
    return os.environ.get("READ_DATABASE_URL") or None


def key_file() -> Path:
    return Path(os.environ.get("SECRET_KEY_FILE") or "instance/secret_keys")


def throttle_storage() -> str:
    """Where wrong passwords are counted: in this process, or in what the workers share."""
    return os.environ.get("THROTTLE_STORAGE_URL") or "memory://"


def trusted_proxy() -> str | None:
    """The address of the TLS proxy in front of your own server, if there is one."""
    return os.environ.get("TRUSTED_PROXY") or None


def metrics_port() -> int | None:
    """Where Prometheus fetches the figures. Without a port nothing is counted.

    Raises SettingError.
    """
    port = os.environ.get("METRICS_PORT")
    if not port:
        return None
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise SettingError(f"METRICS_PORT must be a port, 1 to 65535, and not {port!r}.")
    return int(port)


def metrics_host() -> str:
    return os.environ.get("METRICS_HOST") or "127.0.0.1"

"""The settings, from the environment."""

import os


def from_environment() -> dict:
    """OVER_HTTP is for a laptop: without it the cookies are sent over https only."""
    env = os.environ
    over_http = bool(env.get("OVER_HTTP"))
    prefix = "" if over_http else "__Host-"
    return {
        "SECRET_KEY": env["SECRET_KEY"],
        "SECRET_KEY_FALLBACKS": env.get("OLD_SECRET_KEYS", "").split(),
        "SQLALCHEMY_DATABASE_URI": with_psycopg(env["DATABASE_URL"]),
        "SESSION_COOKIE_NAME": f"{prefix}session",
        "SESSION_COOKIE_SECURE": not over_http,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_NAME": f"{prefix}remember_token",
        "REMEMBER_COOKIE_SECURE": not over_http,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        # In full, as a hash begins: by `scrypt` alone each login would hash again.
        "PASSWORD_METHOD": env.get("PASSWORD_METHOD", "scrypt:32768:8:1"),
        "API_ORIGIN": env.get("API_ORIGIN", ""),
        "MAIL_FILE": env.get("MAIL_FILE", "mail.txt"),
    }


def with_psycopg(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)

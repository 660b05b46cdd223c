"""The release before this one: without the app."""

from project.settings import *  # noqa: F403

INSTALLED_APPS.remove("logout_everywhere")  # noqa: F405
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("logout_everywhere.")]  # noqa: F405
TEMPLATES[0]["DIRS"] = [BASE_DIR / "project" / "releases" / "templates"]  # noqa: F405
ROOT_URLCONF = "project.releases.urls_before"

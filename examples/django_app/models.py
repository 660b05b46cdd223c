"""The user model of this project. The app asks for one base class more."""

from django.contrib.auth.models import AbstractUser
from logout_everywhere.stamps import Stamped


class User(Stamped, AbstractUser):
    """It has what a project's own user has: columns, methods, and Django's save()."""

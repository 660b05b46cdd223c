from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model


class LogoutEverywhereConfig(AppConfig):
    name = "logout_everywhere"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import password_change, receivers, reset_links  # noqa: F401  they connect themselves
        from .stamps import Stamped

        if apps.is_installed("allauth.account"):
            from . import with_allauth  # noqa: F401

        user_model = get_user_model()
        if not issubclass(user_model, Stamped):
            user_model.__bases__ = (Stamped, *user_model.__bases__)

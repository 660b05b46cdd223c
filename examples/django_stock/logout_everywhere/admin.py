from django.contrib import admin, messages
from django.contrib.auth import get_user_model

from .models import end_sessions


@admin.action(description="Log out everywhere", permissions=["change"])
def log_out_everywhere(modeladmin, request, queryset):
    for user in queryset:
        end_sessions(user)
        modeladmin.log_change(request, user, "Logged out everywhere.")
    modeladmin.message_user(request, "Their sessions have ended.", messages.SUCCESS)


if admin.site.is_registered(get_user_model()):
    users = admin.site.get_model_admin(get_user_model())
    users.actions = [*users.actions, log_out_everywhere]

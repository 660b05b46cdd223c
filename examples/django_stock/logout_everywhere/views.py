from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect

from .models import end_sessions


@login_required
def log_out_everywhere(request):
    if request.method != "POST":  # a login led back here
        return redirect(settings.LOGIN_REDIRECT_URL)
    end_sessions(request.user)
    list(messages.get_messages(request))  # what was not shown yet is not for the login page
    logout(request)
    messages.success(request, "You are logged out everywhere.", fail_silently=True)
    return redirect(settings.LOGIN_URL)

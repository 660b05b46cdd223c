"""The pages. LoginRequiredMiddleware protects all of them but the login."""

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from logout_everywhere.live import is_live
from logout_everywhere.models import end_sessions, lock

LOGIN = """<form method="post" action="/login">
<input type="hidden" name="csrfmiddlewaretoken" value="{}">
<label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button></form>"""


@login_not_required
def log_in(request):
    if request.method != "POST":
        return HttpResponse(format_html(LOGIN, get_token(request)))
    fields = request.POST
    user = authenticate(request, username=fields["email"], password=fields["password"])
    if user is None:
        return HttpResponse("Invalid credentials", status=401)
    login(request, user)
    return redirect("/")


def home(request):
    return HttpResponse(format_html("<h1>Hello, {}</h1>", request.user.username))


@require_POST
def log_out_everywhere(request):
    end_sessions(request.user)
    logout(request)
    return redirect("/login")


@require_POST
def change_password(request):
    if not request.user.check_password(request.POST["current_password"]):
        return HttpResponse("Your current password is wrong", status=422)
    user = request.user
    user.set_password(request.POST["new_password"])
    with transaction.atomic():
        lock(user)
        if not is_live(request):
            return expired(request)
        user.save()
    update_session_auth_hash(request, user)  # this browser stays in, all others are out
    return redirect("/")


def expired(request):
    """What LoginRequiredMiddleware answers when a session has ended."""
    logout(request)
    return redirect_to_login(request.get_full_path())

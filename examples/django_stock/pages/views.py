import time

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView
from logout_everywhere.live import is_live

from .forms import LoginForm


def home(request):
    return render(request, "home.html")


class Login(views.LoginView):
    form_class = LoginForm

    def form_valid(self, form):
        answer = super().form_valid(form)
        if form.cleaned_data["remember"]:
            self.request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        return answer


@login_required
def account(request):
    return render(request, "account.html")


@method_decorator(login_required, name="dispatch")
class Profile(UpdateView):
    model = User
    fields = ("first_name",)
    template_name = "profile.html"
    success_url = reverse_lazy("account")

    def get_object(self):
        return self.request.user


@login_required
@require_POST
def colour(request):
    request.session["colour"] = request.POST["colour"]
    return redirect("account")


@login_required
def events(request):
    def ticks():
        while is_live(request):
            yield f"data: {time.time()}\n\n"
            time.sleep(0.5)

    return StreamingHttpResponse(ticks(), content_type="text/event-stream")

import time

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST
from django.views.generic import UpdateView


@login_required
def home(request):
    return render(request, "home.html")


class Profile(LoginRequiredMixin, UpdateView):
    model = User
    fields = ("first_name",)
    template_name = "profile.html"
    success_url = reverse_lazy("home")

    def get_object(self):
        return self.request.user


@login_required
@require_POST
def colour(request):
    """As the page on sessions has it: something that a visitor leaves in the session."""
    request.session["colour"] = request.POST["colour"]
    return redirect("home")


@login_required
def events(request):
    def ticks():
        for number in range(100):
            yield f"data: {number}\n\n"
            time.sleep(0.1)

    return StreamingHttpResponse(ticks(), content_type="text/event-stream")

"""The one page of the Django contestants."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path


@login_required
def home(request):
    return render(request, "home", {"name": request.user.first_name, "email": request.user.email})


urlpatterns = [path("", home)]

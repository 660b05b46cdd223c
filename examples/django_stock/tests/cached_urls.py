"""Pages of a user that Django's cache of pages would keep: without a form, so without a cookie."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_page
from project.urls import urlpatterns as of_the_site


def hello(request):
    return HttpResponse(f"Hello, {request.user.get_username()}.")


in_cache = cache_page(300)
urlpatterns = [
    path("hello/", login_required(hello)),
    path("checked_first/", login_required(in_cache(hello))),
    path("cached_first/", in_cache(login_required(hello))),
    *of_the_site,
]

from django.contrib import admin
from django.urls import include, path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("", views.home, name="home"),
    path("profile/", views.Profile.as_view(), name="profile"),
    path("colour/", views.colour, name="colour"),
    path("events/", views.events, name="events"),
]

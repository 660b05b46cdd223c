from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("account/", views.account, name="account"),
    path("profile/", views.Profile.as_view(), name="profile"),
    path("colour/", views.colour, name="colour"),
    path("events/", views.events, name="events"),
]

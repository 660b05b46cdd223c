from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("login", views.log_in),
    path("sessions/invalidate", views.log_out_everywhere),
    path("password", views.change_password),
]

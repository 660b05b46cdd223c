from django.urls import path

from . import views

urlpatterns = [
    path("log_out_everywhere/", views.log_out_everywhere, name="log_out_everywhere"),
]

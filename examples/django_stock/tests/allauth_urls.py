from django.urls import include, path
from project.urls import urlpatterns as sites

urlpatterns = [path("accounts/", include("allauth.urls")), *sites]

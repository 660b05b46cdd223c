from django.urls import path
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework_simplejwt.views import token_obtain_pair, token_refresh

from . import views

urlpatterns = [
    path("token/", obtain_auth_token),
    path("jwt/", token_obtain_pair),
    path("jwt/refresh/", token_refresh),
    path("me/", views.me),
    path("password/", views.change_password),
]

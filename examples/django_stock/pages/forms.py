from django import forms
from django.contrib.auth.forms import AuthenticationForm


class LoginForm(AuthenticationForm):
    remember = forms.BooleanField(required=False, label="Remember me")

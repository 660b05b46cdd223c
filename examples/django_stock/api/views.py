from django.contrib.auth.forms import PasswordChangeForm
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .authentication import StampedTokenObtainPairSerializer


@api_view()
def me(request):
    return Response({"username": request.user.get_username()})


@api_view(["POST"])
def change_password(request):
    """Ends every session and token, and gives this client new ones to store."""
    form = PasswordChangeForm(request.user, request.data)
    if not form.is_valid():
        return Response(form.errors, status=422)
    token = StampedTokenObtainPairSerializer.get_token(form.save())
    return Response({"refresh": str(token), "access": str(token.access_token)})

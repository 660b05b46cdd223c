from django.dispatch import receiver
from logout_everywhere.signals import sessions_ended
from rest_framework.authtoken.models import Token


@receiver(sessions_ended)
def delete_token(user, **kwargs):
    Token.objects.filter(user=user).delete()

"""Ending sessions in Django with a user model of its own: the same app as in django_stock."""

"""Ending sessions in Django: a token in the hash that Django compares on each request."""

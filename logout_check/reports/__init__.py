"""A run, told in one form or another."""

"""End all of a user's sessions at once: Django's session hash, with a token of the user in it."""

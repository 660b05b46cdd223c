import os

from django.contrib.auth import hashers


class PBKDF2PasswordHasher(hashers.PBKDF2PasswordHasher):
    iterations = int(os.environ.get("ITERATIONS", hashers.PBKDF2PasswordHasher.iterations))

from django.dispatch import Signal

sessions_ended = Signal()  # user: within the transaction that ends this user's sessions

"""What a random token is."""


def random_digits(tokens):
    """How many digits are not the same in all of them. A UUID has 31: one says its version."""
    return sum(len(set(place)) > 1 for place in zip(*tokens, strict=False))

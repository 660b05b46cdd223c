"""What a random token is."""


def random_digits(tokens):
    """How many digits are not the same in all of them: 31 of a UUID's 32. One says its version."""
    return sum(len(set(place)) > 1 for place in zip(*tokens, strict=False))

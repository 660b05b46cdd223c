"""What changes in the `models.py` of lesson 10, to raise bcrypt's cost without an end."""

# ruff: noqa: F821 - the other names are of that file

SALT = 29  # a bcrypt digest begins with "$2b$", the cost, "$" and 22 letters of salt


def check_password(password: str, digest: str) -> bool:
    """Whether `digest` is this password's. A refusal costs one bcrypt check of today's cost.

    A check at cost 10, and then one at 10 and one at 11, take as long as one at 12.
    """
    raw = password.encode("utf-8", "surrogatepass")
    matches = bcrypt.checkpw(raw[:BCRYPT_BYTES], digest.encode())
    if not matches:
        for cost in range(cost_of(digest), BCRYPT_ROUNDS):
            bcrypt.checkpw(raw[:BCRYPT_BYTES], nobodys_digest(cost).encode())
    return matches and len(raw) <= BCRYPT_BYTES


def cost_of(digest: str) -> int:
    return int(digest.split("$")[2])


def nobodys_digest(cost: int) -> str:
    """A well-formed digest that no password matches."""
    return f"$2b${cost:02}$" + "." * 53


class User:
    rehashed_from = CharField(max_length=SALT, null=True)

    @classmethod
    def authenticate_by(cls, email: str, password: str) -> "User | None":
        """The active user with this e-mail address and password, or None.

        An unknown e-mail address also costs one bcrypt check, so the time taken
        reveals nothing (ASVS 6.3.8). A digest of a lower cost than today's is replaced.
        """
        user = cls.get_or_none(cls.email == email)
        if user is None:
            check_password(password, cls.nobodys_digest())
            return None
        if not (user.authenticate(password) and user.active):
            return None
        user.hash_again(password)
        return user

    def hash_again(self, password: str) -> None:
        """Hash this password, which was just checked, at today's cost. No session ends.

        If the digest has changed since it was checked, the new one stays.
        """
        old = self.password_digest
        if cost_of(old) >= BCRYPT_ROUNDS:
            return
        unchanged = (User.id == self.id) & (User.password_digest == old)
        new = hash_password(password)
        User.update(password_digest=new, rehashed_from=old[:SALT]).where(unchanged).execute()

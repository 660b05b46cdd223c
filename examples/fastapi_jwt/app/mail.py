"""A mail is a line in `outbox.txt`. Put your own mailer here."""

from pathlib import Path

OUTBOX = Path("outbox.txt")


def send(address: str, text: str) -> None:
    with OUTBOX.open("a", encoding="utf-8") as outbox:
        outbox.write(f"{address} {text}\n")

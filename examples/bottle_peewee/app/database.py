"""The database, and a connection for each request."""

import os

from playhouse.db_url import connect

db = connect(os.environ["DATABASE_URL"])


def open_connection():
    db.connect(reuse_if_open=True)


def close_connection():
    db.close()

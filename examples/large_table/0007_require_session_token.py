"""Every user has a token, in small steps, so that nobody waits for long. For PostgreSQL.

It does what lesson 9's migration of this name does. Each step is a short transaction. If
it is stopped half-way, it goes on when it is started again.
"""

import time

from peewee import OperationalError

atomic = False  # the runner opens no transaction around it
AT_A_TIME = 1000  # users

NEXT = "SELECT max(id) FROM (SELECT id FROM users WHERE id > %s ORDER BY id LIMIT %s) AS batch"
GIVE = """
UPDATE users
SET session_token = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
WHERE id > %s AND id <= %s AND session_token IS NULL RETURNING id
"""
STAMP = """
UPDATE sessions SET session_token = users.session_token FROM users
WHERE users.id = user_id AND user_id = ANY(%s) AND sessions.session_token = 'never ended'
"""
REQUIRE = [
    "ALTER TABLE users DROP CONSTRAINT IF EXISTS has_token",
    "ALTER TABLE users ADD CONSTRAINT has_token CHECK (session_token IS NOT NULL) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT has_token",
    "ALTER TABLE users ALTER COLUMN session_token SET NOT NULL",
    "ALTER TABLE users DROP CONSTRAINT has_token",
]


def up(migrator, db):
    give_tokens(db)
    for statement in REQUIRE:
        impatiently(db, statement)


def down(migrator, db):
    """Leave the tokens: release 2 runs with them too."""


def give_tokens(db):
    last = 0
    while True:
        ((until,),) = db.execute_sql(NEXT, (last, AT_A_TIME))
        if until is None:
            return
        with db.atomic():
            given = [user_id for (user_id,) in db.execute_sql(GIVE, (last, until))]
            db.execute_sql(STAMP, (given,))
        last = until


def impatiently(db, statement):
    """ALTER TABLE waits for every running transaction, and every request waits behind it.

    So it gives up after a moment, lets the requests pass, and tries again.
    """
    while True:
        try:
            with db.atomic():
                db.execute_sql("SET LOCAL lock_timeout = '100ms'")
                db.execute_sql(statement)
            return
        except OperationalError:
            time.sleep(0.5)

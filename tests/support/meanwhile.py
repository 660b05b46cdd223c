"""What happens once while the app is in the middle of a request."""

import re

import bcrypt


def once(action):
    """The action for the first call; nothing for all others."""
    waiting = [action]
    return lambda: waiting and waiting.pop()()


def when_let_in(app, action):
    """Run `action` when the check has let a request in and before it has written."""
    app.add_hook("before_request", once(action))  # after the check


def when_answered(patch, place, function, action):
    """Run `action` when this function of `place` has answered and its caller does not know yet."""
    call, act = getattr(place, function), once(action)

    def call_then_act(*values, **options):
        answer = call(*values, **options)
        act()
        return answer

    patch.setattr(place, function, call_then_act)


def when_the_password_is_checked(patch, action):
    when_answered(patch, bcrypt, "checkpw", action)


def when_the_row_is_read(snapshot, patch, action):
    """Run `action` when the app has read from the database."""
    database, act = snapshot.database.db.obj, once(action)
    execute_sql = database.execute_sql

    def read_then_act(sql, *values, **options):
        found = execute_sql(sql, *values, **options)
        if "SELECT" in sql.upper():
            act()
        return found

    patch.setattr(database, "execute_sql", read_then_act)


def before_the_first(snapshot, patch, pattern, action):
    """Run `action` right before the app executes a statement with this pattern in it."""
    before_each(snapshot, patch, pattern, once(action))


def before_each(snapshot, patch, pattern, action):
    """The same, each time."""
    database = snapshot.database.db.obj
    execute_sql = database.execute_sql

    def act_then_execute(sql, *values, **options):
        if re.search(pattern, sql, re.IGNORECASE):
            action()
        return execute_sql(sql, *values, **options)

    patch.setattr(database, "execute_sql", act_then_execute)


def before_the_first_transaction(snapshot, patch, action):
    """Run `action` right before the app begins a transaction."""
    database, act = snapshot.database.db.obj, once(action)
    begin = database.begin

    def act_then_begin(*values, **options):
        act()
        return begin(*values, **options)

    patch.setattr(database, "begin", act_then_begin)

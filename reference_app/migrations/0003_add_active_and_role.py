"""Whether a user may sign in, and which role they have. The database fills in both."""


def up(migrator, db):
    # SQLite would accept any text for `active`, and Python would treat it as true.
    only = "CHECK (active IN (TRUE, FALSE))"
    db.execute_sql(f"ALTER TABLE users ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE {only}")
    db.execute_sql("ALTER TABLE users ADD COLUMN role VARCHAR(16) NOT NULL DEFAULT 'member'")


def down(migrator, db):
    migrator.migrate(
        migrator.drop_column("users", "role"),
        migrator.drop_column("users", "active"),
    )

"""A session token for every user. It is NULL until somebody ends the user's sessions.

`rehashes` is for the trigger, which comes later, when the old release has stopped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("users", sa.Column("session_token", sa.String(64), nullable=True))
    op.add_column("users", sa.Column("rehashes", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("users", "rehashes")
    op.drop_column("users", "session_token")

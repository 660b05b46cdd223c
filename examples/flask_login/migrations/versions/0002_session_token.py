"""A session token for every user. NULL means: nobody has ended this user's sessions yet.

`rehashed_from` is for the trigger, which comes later, when the old release has stopped.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("users", sa.Column("session_token", sa.String(64), nullable=True))
    op.add_column("users", sa.Column("rehashed_from", sa.String(255), nullable=True))


def downgrade():
    op.drop_column("users", "rehashed_from")
    op.drop_column("users", "session_token")

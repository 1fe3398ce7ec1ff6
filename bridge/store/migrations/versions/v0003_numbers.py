"""Counted registration numbers: the counters, and which action has which number."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
beside_older = True


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "numbers",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("action_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Text, nullable=False, unique=True),
    )

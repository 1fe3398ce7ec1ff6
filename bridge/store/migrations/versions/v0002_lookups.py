"""Indexes: a registration by its action, tokens that run out, the first lease of a task that ends."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
beside_older = True


def upgrade() -> None:
    op.create_index("by_action", "registrations", ["action_id"])
    unsettled = sa.text("settled_at IS NULL")
    op.create_index(
        "expiring_tokens",
        "registrations",
        ["token_expires_at", "id"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    op.drop_index("unsettled", "registrations")
    op.create_index(
        "unsettled",
        "registrations",
        ["state", "received_at", "settled_at"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    leased = sa.text("lease_until IS NOT NULL")
    op.drop_index("leased_work", "registrations")
    op.create_index(
        "leased_work",
        "registrations",
        ["task", "lease_until"],
        sqlite_where=leased,
        postgresql_where=leased,
    )

"""Which fault of a channel holds a registration; for how long the hub holds a subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
beside_older = True


def upgrade() -> None:
    op.add_column("registrations", sa.Column("held", sa.Text))
    op.add_column("subscriptions", sa.Column("lease_seconds", sa.Integer))

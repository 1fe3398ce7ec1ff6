"""What the country's own server adds, and what is to be done before the packet."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
beside_older = False  # they cannot read a task that it brings


def upgrade() -> None:
    op.add_column("registrations", sa.Column("ahead", sa.Text))
    op.add_column("registrations", sa.Column("document", sa.LargeBinary))
    op.add_column("registrations", sa.Column("amendment", sa.LargeBinary))

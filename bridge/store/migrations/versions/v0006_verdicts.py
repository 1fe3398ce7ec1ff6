"""What the ID system said of people, kept so that nobody is asked about twice."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
beside_older = False  # they cannot read a task that it brings


def upgrade() -> None:
    op.add_column("registrations", sa.Column("verdicts", sa.LargeBinary))

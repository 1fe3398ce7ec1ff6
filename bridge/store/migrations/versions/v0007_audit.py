"""What operators did, to which only lines can be added."""

import sqlalchemy as sa
from alembic import op

from bridge.store.tables import APPEND_ONLY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
beside_older = True


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("came_to", sa.Text, nullable=False),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)

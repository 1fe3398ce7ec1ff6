"""The first schema: registrations with their due work, history, deliveries, subscriptions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
beside_older = True


def upgrade() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("action_id", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("action_type", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("tracking_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("packet_id", sa.Text, nullable=False, unique=True),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("words", sa.Text),
        sa.Column("task", sa.Text),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_failed_at", sa.BigInteger),
        sa.Column("last_error", sa.Text),
        sa.Column("step", sa.Text),
        sa.Column("token_expires_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("submitted_at", sa.BigInteger),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("acknowledge_id", sa.Text),
        sa.Column("token", sa.LargeBinary),
        sa.Column("packet", sa.LargeBinary),
        sa.Column("national_id", sa.LargeBinary),
        sa.Column("delivery", sa.LargeBinary),
        sa.UniqueConstraint("event_id", "action_id", name="one_registration_per_action"),
    )
    for name, columns, condition in (
        ("due_work", ["task", "due_at"], "task IS NOT NULL"),
        ("leased_work", ["lease_until"], "lease_until IS NOT NULL"),
        ("unsettled", ["state", "received_at"], "settled_at IS NULL"),
        ("settled", ["settled_at"], "settled_at IS NOT NULL"),
    ):
        where = sa.text(condition)
        op.create_index(name, "registrations", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "history",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("registration_id", sa.Text, nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("registration_id", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("outcome", sa.Text, nullable=False),
    )
    op.create_table(
        "subscriptions",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("secret_print", sa.Text, nullable=False),
        sa.Column("pending_mode", sa.Text),
        sa.Column("pending_until", sa.BigInteger),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("denied_reason", sa.Text),
    )


def downgrade() -> None:
    for table in ("subscriptions", "deliveries", "history", "registrations"):
        op.drop_table(table)

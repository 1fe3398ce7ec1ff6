"""The tables. Instants are whole milliseconds since 1970 UTC; secrets are sealed bytes (vault.py)."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
)

METADATA = MetaData()

REGISTRATIONS = Table(
    "registrations",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("action_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("action_type", Text, nullable=False),
    Column("request_id", Text),
    Column("tracking_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("packet_id", Text, nullable=False, unique=True),
    Column("process", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("words", Text),
    Column("task", Text),
    Column("due_at", BigInteger),
    Column("lease_owner", Text),
    Column("lease_until", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("first_failed_at", BigInteger),
    Column("last_error", Text),
    Column("held", Text),
    Column("step", Text),
    Column("token_expires_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("submitted_at", BigInteger),
    Column("settled_at", BigInteger),
    Column("acknowledge_id", Text),
    Column("ahead", Text),
    Column("token", LargeBinary),
    Column("packet", LargeBinary),
    Column("national_id", LargeBinary),
    Column("delivery", LargeBinary),
    Column("document", LargeBinary),
    Column("amendment", LargeBinary),
    Column("verdicts", LargeBinary),
    UniqueConstraint("event_id", "action_id", name="one_registration_per_action"),
)
_R = REGISTRATIONS.c
Index("by_action", _R.action_id)
Index(
    "expiring_tokens",
    _R.token_expires_at,
    _R.id,
    sqlite_where=_R.settled_at.is_(None),
)
Index(
    "due_work",
    _R.task,
    _R.due_at,
    sqlite_where=_R.task.is_not(None),
)
Index(
    "leased_work",
    _R.task,
    _R.lease_until,
    sqlite_where=_R.lease_until.is_not(None),
)
Index(
    "unsettled",
    _R.state,
    _R.received_at,
    _R.settled_at,  # always NULL here; with it SQLite counts from the index alone
    sqlite_where=_R.settled_at.is_(None),
)
Index(
    "settled",
    _R.settled_at,
    sqlite_where=_R.settled_at.is_not(None),
)


@event.listens_for(METADATA, "before_create")
def _where_there_too(_: MetaData, connection: Connection, **__: object) -> None:
    """PostgreSQL's indices are of the same rows. Said when it is used: its dialect is dear to import."""
    if connection.dialect.name == "postgresql":
        for index in REGISTRATIONS.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


HISTORY = Table(
    "history",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("registration_id", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("registration_id", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False, index=True),
    Column("outcome", Text, nullable=False),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("callback", Text, nullable=False),
    Column("secret_print", Text, nullable=False),
    Column("pending_mode", Text),
    Column("pending_until", BigInteger),
    Column("confirmed_at", BigInteger),
    Column("denied_reason", Text),
    Column("lease_seconds", Integer),
)

COUNTERS = Table(
    "counters",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""The last count of each series of registration numbers; when a paced destination is free (pace.py)."""

NUMBERS = Table(
    "numbers",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("action_id", Text, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
)
"""The counted registration numbers and whose they are. Kept for ever: none is given twice."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("came_to", Text, nullable=False),
)
"""What operators did. Kept for ever."""

_REFUSAL = "what operators did can be added to, and not changed"
APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_{act} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT "
        "EXECUTE FUNCTION audit_stays()",
    ],
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(AUDIT, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

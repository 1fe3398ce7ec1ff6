"""Brings a database to the newest schema at start (alembic). Safe when several replicas start at once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from bridge.store.tables import METADATA, REGISTRATIONS

HEAD = "0006"
MIGRATIONS = Path(__file__).parent / "migrations"


_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, as alembic makes it."""


def migrate(connection: Connection) -> None:
    """Make the tables, or bring them up to date. The connection's transaction is the caller's."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7040202421)"))
    if _has(connection, _VERSION):
        if connection.execute(_VERSION.select()).scalar() != HEAD:
            upgrade(connection)
    elif _has(connection, REGISTRATIONS):
        upgrade(connection)
    else:
        METADATA.create_all(connection)
        _VERSION.create(connection)
        connection.execute(_VERSION.insert().values(version_num=HEAD))


def upgrade(connection: Connection) -> None:
    """Run every migration that the database has not seen."""
    # imported late: most starts find the schema in order or nothing, and alembic is slow to load
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _has(connection: Connection, table: Table) -> bool:
    return inspect(connection).has_table(table.name)

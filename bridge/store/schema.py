"""Brings a database to the newest schema at start (alembic). Safe when several replicas start at once.

While replicas are upgraded in turn, older ones go on with the newer schema, as long as no migration
says that it is not safe for that (`beside_older`).
"""

from __future__ import annotations

from pathlib import Path

import structlog
from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from bridge.starting import CannotStart
from bridge.store.tables import COUNTERS, METADATA, REGISTRATIONS

HEAD = "0007"
OLDEST = "0006"
"""The oldest schema whose bridge may work with a database of this one: that of the newest migration which is
not safe beside older bridges.
"""
MIGRATIONS = Path(__file__).parent / "migrations"


_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own table, as alembic makes it."""
_OLDEST_KEY = "oldest schema whose bridge may work here"
HALF_COPY = "begun, and not whole: a copy into this database"
"""The counter that stands in the target of a copy until all is there."""


def migrate(connection: Connection, *, half_copy: bool = False) -> None:
    """Make the tables, or bring them up to date. The connection's transaction is the caller's. CannotStart on
    a database that a newer bridge or, unless `half_copy`, a copy that was broken off has left.
    """
    # SQLite's driver begins no transaction for what changes tables: a kill would leave the half of it
    begin = {"postgresql": "SELECT pg_advisory_xact_lock(7040202421)", "sqlite": "BEGIN IMMEDIATE"}
    connection.execute(text(begin[connection.dialect.name]))
    there = inspect(connection).get_table_names()
    if _VERSION.name in there:
        found = str(connection.execute(_VERSION.select()).scalar() or "")
        if found > HEAD:
            _check_newer(connection)
        elif found < HEAD:
            upgrade(connection, found)
        if not half_copy:
            _check_whole(connection)
    elif REGISTRATIONS.name in there:
        upgrade(connection)
    else:
        METADATA.create_all(connection, checkfirst=False)
        _VERSION.create(connection)
        connection.execute(_VERSION.insert().values(version_num=HEAD))
        _say_oldest(connection)


def _check_newer(connection: Connection) -> None:
    """CannotStart when a newer bridge has changed the database so that this one cannot work with it."""
    said = connection.execute(COUNTERS.select().where(COUNTERS.c.key == _OLDEST_KEY)).first()
    if said is None or said.value > int(HEAD):
        raise CannotStart(
            "a newer bridge has brought this database up to date, and this one cannot work with it; start "
            "the newer version, or restore the backup from before the upgrade"
        )


def _check_whole(connection: Connection) -> None:
    if connection.execute(COUNTERS.select().where(COUNTERS.c.key == HALF_COPY)).first():
        raise CannotStart(
            "this database is the target of a `bridge copy` that was broken off: some registrations are in "
            "its source alone; who copies runs the same command again until it tells that the copy is whole; "
            "until then nothing may work here"
        )


def _say_oldest(connection: Connection) -> None:
    connection.execute(COUNTERS.delete().where(COUNTERS.c.key == _OLDEST_KEY))
    connection.execute(COUNTERS.insert().values(key=_OLDEST_KEY, value=int(OLDEST)))


def upgrade(connection: Connection, found: str = "") -> None:
    """Run every migration that the database has not seen."""
    if found < OLDEST:
        structlog.get_logger("bridge").warning(
            "the database is changed so that older bridges cannot work with it: stop those that still run",
            schema=HEAD,
        )
    # imported late: most starts find the schema in order or nothing, and alembic is slow to load
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _say_oldest(connection)

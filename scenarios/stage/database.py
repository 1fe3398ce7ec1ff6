"""The bridge's database as a stage finds it: the schema in order, nothing in it."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from bridge.store.schema import migrate


def lay(path: Path) -> None:
    """Put an empty database of the bridge here. Migrating each stage's own would be a tenth of a test."""
    path.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        path = Path(folder) / "empty.db"
        engine = create_engine(f"sqlite+pysqlite:///{path}")
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()
        return path.read_bytes()

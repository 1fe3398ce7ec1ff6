"""A bridge's store with very many registrations that wait for the ID system."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from bridge.registration import PacketContent, Registration, Secrets, State, Task
from bridge.store.store import Store
from bridge.store.tables import REGISTRATIONS
from bridge.store.vault import Vault
from wire.world import World

_OWN = {"id": "'r' || n", "event_id": "'e' || n", "action_id": "'a' || n", "packet_id": "'p' || n"}
_WEEK_MS = 7 * 86_400_000


async def fill(path: Path, count: int, world: World) -> None:
    """Add `count` copies of one submitted registration, each with its own ids, due at all times of a week."""
    store = await Store.open(f"sqlite:///{path}", world, Vault([world.chance.bytes(32).hex()], world.chance))
    now = world.clock.now()
    model = Registration(
        id="model",
        event_id="model",
        action_id="model",
        event_type="birth",
        action_type="REGISTER",
        tracking_id="MODEL0",
        number="2026BMODEL0",
        packet_id="model",
        process="CRVS_NEW",
        state=State.SUBMITTED,
        task=Task.POLL,
        due_at=now + timedelta(days=7),
        received_at=now,
        updated_at=now,
        submitted_at=now,
        token_expires_at=now + timedelta(days=7),
    )
    # about as long as a record token and a packet of the reference country are
    packet = PacketContent({"fullName": "x" * 900}, {"name": "x" * 40}, {"metaData": "x" * 300}, [])
    await store.add(model, Secrets(token="x" * 900, packet=packet), "received, queued")
    await store.close()
    names = [column.name for column in REGISTRATIONS.columns]
    due = f"due_at - abs(random()) % {_WEEK_MS} + 3600000"
    values = ", ".join(due if name == "due_at" else _OWN.get(name, name) for name in names)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    with connection:
        connection.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
            f"INSERT INTO registrations ({', '.join(names)}) "
            f"SELECT {values} FROM numbers, registrations WHERE id = 'model'"
        )
        connection.execute("DELETE FROM registrations WHERE id = 'model'")
    connection.close()

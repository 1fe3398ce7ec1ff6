"""Registrations that wait, in either database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bridge.registration import Registration, State
from wire.world import World


def waiting(number: int, world: World, state: State, age: timedelta, **more: Any) -> Registration:
    """A registration that was received `age` ago."""
    at = world.clock.now() - age
    ids = (f"id-{number}", f"event-{number}", f"action-{number}")
    given: dict[str, Any] = {"packet_id": f"packet-{number}", "process": "CRVS_NEW", "number": f"B{number}"}
    given |= {"state": state, "received_at": at, "updated_at": at, "tracking_id": "T", **more}
    return Registration(*ids, "birth", "REGISTER", **given)

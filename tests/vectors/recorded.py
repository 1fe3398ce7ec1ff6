"""Exchanges of the upstream mediator, as recorded."""

from __future__ import annotations

from typing import Any

from tests.known import recording


def _exchanges(part: str) -> list[dict[str, Any]]:
    flow = recording("flow-birth")
    every = flow["startup"] + [e for phase in flow["phases"] for e in phase["exchanges"]]
    return [e for e in every if part in e["request"]["target"]]

"""Records in the console, waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.console.conftest import House

Frame = dict[str, Any]


def told(key: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.get("step", {}).get("key") == key


async def declared(house: House, event: str = "birth") -> str:
    status, answer = await house.act("declare", {"event": event})
    assert status == 200, answer
    return str(answer["record"])

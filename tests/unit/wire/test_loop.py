from __future__ import annotations

import asyncio

import pytest

from wire import loop


def test_a_server_runs_on_uvloop() -> None:
    async def kind() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert loop.run(kind()) == "uvloop"


def test_what_the_server_raises_is_raised() -> None:
    async def broken() -> None:
        raise LookupError("no port")

    with pytest.raises(LookupError, match="no port"):
        loop.run(broken())

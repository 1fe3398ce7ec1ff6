"""A stage with a system of payments and a policy that charges."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.country.folder import FARAJALAND
from testbed.payments import PaymentBook, start
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from wire.keyfolder import KeyFolder


def charging(at: Path, then: str, action: str = "REGISTER", *, after_hours: int = 100, **rule: Any) -> Path:
    own = Path(shutil.copytree(FARAJALAND, at / f"country-{len(list(at.glob('country-*')))}"))
    rules = json.loads((own / "policy.json").read_text())
    rules["events"]["birth"].setdefault(action, {}).update({"payment": "$trackingId"} | rule)
    rules["without_payment"] = {"after_hours": after_hours, "then": then}
    (own / "policy.json").write_text(json.dumps(rules))
    return own


class Till:
    def __init__(self, stage: Stage, book: PaymentBook, folder: Path) -> None:
        self.stage, self.book, self.folder = stage, book, folder

    async def registers(self, **changes: Any) -> Any:
        event = self.stage.opencrvs.record("birth", BIRTH | changes)
        assert await self.stage.trigger(event) == (202, {})
        await self.stage.world.clock.settle()
        return event


@pytest.fixture
async def till(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Till]:
    from wire.world import World

    book = PaymentBook(World.virtual(seed=5))
    listening = await start(book)
    own = charging(tmp_path, "reject")
    stage = await set_up(tmp_path, keys, country_folder=own, payments_url=listening.url, mode="sync")
    yield Till(stage, book, tmp_path)
    await stage.close()
    await listening.close()

"""The bridge as a real process, killed (SIGKILL) at every step of a verification that waits: afterwards
nothing is left pending, and nothing was done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import ClientError, ClientSession, web

from bridge import app as bridge_app
from bridge.country.folder import FARAJALAND
from bridge.metrics import Metrics
from bridge.settings import Settings
from tests.servers.bridge.conftest import BIRTH
from tests.servers.bridge.replicas import Country, Moments, Replica
from tests.servers.bridge.stubs_people import StubPeople
from tests.servers.bridge.test_crash import HASTE
from wire.keyfolder import KeyFolder
from wire.mosip.envelope import EnvelopeFault
from wire.world import World

_STEPS = 13
"""Moments on the wire of one verification: asked, refused once, asked again, forms, confirmation."""
_AWAY = [EnvelopeFault("IDA-MLC-007", "Request could not be processed. Please try again")]
_NOBODY = [EnvelopeFault("IDA-MLC-018", "UIN not available in database")]


class People(StubPeople):
    """Every third question gets no verdict; each is two moments. `nobody`: a number that is unknown."""

    def __init__(self, world: World, keys: KeyFolder, moments: Moments) -> None:
        super().__init__(world, keys)
        self._moments, self.nobody = moments, ""

    async def _auth(self, request: web.Request) -> web.Response:
        self._moments.tick()
        self.faults = _AWAY if len(self.asked) % 3 == 1 else []
        self.faults_of = {self.nobody: _NOBODY} if self.nobody and not self.faults else {}
        answer = await super()._auth(request)
        self._moments.tick()  # it was said, and the bridge may never have heard it
        return answer


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_a_verification_that_waits_is_killed_at_every_step(
    tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest, database: str
) -> None:
    url = f"sqlite:///{tmp_path}/bridge.db"
    if database == "postgresql":
        url = request.getfixturevalue("postgres").get_uri().replace("postgresql://", "postgresql+asyncpg://")
    world, moments = World.system(20262), Moments()
    country, people = Country(world, keys, moments), People(world, keys, moments)
    country.forms["birth"] += ["mother.verified", "father.verified"]
    await country.start()
    await people.start()
    folder = Path(shutil.copytree(FARAJALAND, tmp_path / "country"))
    rules = {"VALIDATE": {"verify": {"mother": "must", "father": "must"}}, "REGISTER": {"identity": True}}
    policy = {"events": {"birth": rules, "death": {"REGISTER": {"identity": True}}}}
    (folder / "policy.json").write_text(json.dumps(policy))
    environment = {
        **HASTE,
        "REHEARSAL_KEYS": str(keys.path),
        "BRIDGE_DATABASE_URL": url,
        "BRIDGE_COUNTRY": str(folder),
        "IDA_AUTH_URL": people.settings["ida_url"],
        "MOSIP_URL": "http://127.0.0.1:1",
        "OPENCRVS_GATEWAY_URL": country.url,
        "OPENCRVS_PUBLIC_KEY_URL": f"{country.url}/.well-known",
        "OPENCRVS_AUTH_URL": country.url,
    }
    replica = Replica("bridge", tmp_path, environment)
    await replica.start()
    events = []
    try:
        for number in range(request.config.getoption("--crash-verifications")):
            event = country.record("birth", BIRTH, asked="VALIDATE", tracking=f"{number:06d}")
            people.nobody = BIRTH["father.nid"] if number % 2 else ""
            events.append((event, bool(people.nobody)))
            moments.after(1 + number % _STEPS, replica.kill)
            again = asyncio.create_task(_start_again(replica))
            try:
                await _verified(country, replica, moments, event, world)
            finally:
                moments.never()
                again.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await again
            if not replica.up.is_set():
                await replica.ended()
                await replica.start()
    finally:
        await replica.stop()
    assert replica.kills >= len(events) * 2 // 3
    await _nothing_is_left(environment, world)
    for event, is_refused in events:
        rows = [row for row in country.events[event["id"]]["actions"] if row.get("originalActionId")]
        [settled] = rows
        assert settled["type"] == "VALIDATE"
        assert settled["status"] == ("Rejected" if is_refused else "Accepted")
        told = [row["content"]["reason"] for row in event["actions"] if row["type"] == "REJECT"]
        assert len(told) == is_refused and all("does not know this number" in words for words in told)
        if not is_refused:
            assert settled["declaration"] == {"mother.verified": "verified", "father.verified": "verified"}
    await country.close()
    await people.close()


async def _verified(
    country: Country, replica: Replica, moments: Moments, event: dict[str, Any], world: World
) -> None:
    """Asked by OpenCRVS until it is answered, and then waited for."""
    headers = {"Authorization": f"Bearer {country.ask(event)}"}
    async with world.clock.timeout(60), ClientSession() as session:
        while True:
            await replica.up.wait()
            moments.tick()
            url = f"{replica.trigger_url}/trigger/events/birth/actions/VALIDATE"
            with contextlib.suppress(ClientError):  # killed before it answered: OpenCRVS asks again
                async with session.post(url, json=event, headers=headers) as answer:
                    assert answer.status == 202
                    break
        await country.settled.wait()


async def _start_again(replica: Replica) -> None:
    await replica.ended()
    await replica.start()


async def _nothing_is_left(environment: dict[str, str], world: World) -> None:
    settings = Settings.model_validate(environment | {"PORT": 0, "BRIDGE_TRIGGER_PORT": 0})
    changed = asyncio.Event()
    with patch.object(Metrics, "state", lambda _self, _state: changed.set()):
        running = await bridge_app.start(settings, world)
    try:
        async with world.clock.timeout(60):
            while await running.store.listings.pending():
                await changed.wait()
                changed.clear()
    finally:
        await running.close()

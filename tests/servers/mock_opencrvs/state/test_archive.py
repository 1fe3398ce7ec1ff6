"""What survives a restart: the state file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_opencrvs.app import start
from mock_opencrvs.families import Families
from mock_opencrvs.settings import Settings
from testbed.browser import Browser
from tests.servers.mock_opencrvs.acting import pending_registration
from tests.servers.mock_opencrvs.country_server import CountryServer
from wire.opencrvs.state import status
from wire.world import World


async def test_records_survive_a_restart(
    country: CountryServer, keys: Path, world: World, families: Families, tmp_path: Path
) -> None:
    settings = Settings(
        gateway_port=0,
        auth_port=0,
        country_config_url=country.url,
        keys=keys,
        state_file=tmp_path / "state" / "records.sqlite",
    )
    first = await start(settings, world)
    async with Browser(first.gateway_url, world) as registrar:
        pending = await pending_registration(first, registrar, families, country)
        draft_of = await registrar.create("birth")
        draft = {"eventId": draft_of["id"], "transactionId": "d", "type": "DECLARE", "status": "Requested"}
        await registrar.mutate("event.draft.create", {**draft, "declaration": {"child.gender": "male"}})
    await first.close()

    second = await start(settings, World.virtual(seed=7))
    async with Browser(second.gateway_url, second.world) as registrar:
        assert await registrar.in_queue(pending.id, "in-external-validation")
        assert [d["eventId"] for d in await registrar.query("event.draft.list")] == [draft_of["id"]]
        fresh = await registrar.create("birth")
        assert fresh["id"] not in (pending.id, draft_of["id"])
        registrar.token = pending.token
        accepted = await registrar.mutate("event.actions.register.accept", pending.input())
        assert status(accepted) == "REGISTERED"
        again = await registrar.mutate(
            "event.actions.register.accept", pending.input(transactionId="x", registrationNumber="Y")
        )
        assert again["actions"] == accepted["actions"]
    await second.close()


async def test_a_file_that_is_no_database_is_refused_with_advice(keys: Path, tmp_path: Path) -> None:
    from mock_opencrvs.state.archive import ArchiveWrong

    wrong = tmp_path / "notes.txt"
    wrong.write_text("these are notes, and long enough to be read as the beginning of a database file" * 20)
    settings = Settings(gateway_port=0, auth_port=0, keys=keys, state_file=wrong)
    with pytest.raises(ArchiveWrong, match="MOCK_OPENCRVS_STATE_FILE"):
        await start(settings, World.virtual())

"""2,356 exchanges with the real core 2.0.0 and 332 with 1.9.15, replayed whole against mock_opencrvs.

Every answer is the recorded one or stands in `<recording>.differences.yaml` with a reason. That list is
exact: a difference that is not listed fails, and so does one that is listed and gone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession
from pytest_aiohttp.plugin import AiohttpServer

from mock_opencrvs.app import start
from mock_opencrvs.settings import Settings
from tests.recordings.replay import HERE, Bound, Replay, read_configuration, read_recording
from wire.keyfolder import KeyFolder
from wire.opencrvs.profiles import Profile
from wire.world import World

RECORDED = {
    "core-1.9.15": datetime(2026, 11, 28, 13, 39, tzinfo=UTC),
    "core-2.0.0": datetime(2026, 11, 28, 2, 55, tzinfo=UTC),
    "core-2.0.0-further": datetime(2026, 11, 28, 10, 7, tzinfo=UTC),
    "core-2.0.0-directory": datetime(2026, 11, 28, 15, 59, tzinfo=UTC),
    "core-2.0.0-requests": datetime(2026, 11, 28, 17, 30, tzinfo=UTC),
    "core-2.0.0-tokens": datetime(2026, 11, 28, 15, 59, tzinfo=UTC),
    "core-1.9.15-forms": datetime(2026, 11, 28, 17, 54, tzinfo=UTC),
    "core-2.0.0-forms": datetime(2026, 11, 28, 17, 51, tzinfo=UTC),
}
"""When each was recorded: dates of birth in the requests are of that year."""
CONFIGURATIONS = {
    name: name if name.endswith("-forms") else "-".join(name.split("-")[:2]) for name in RECORDED
}


@pytest.fixture(params=RECORDED)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def replay(name: str, rehearsal_keys: Path, aiohttp_server: AiohttpServer) -> AsyncIterator[Replay]:
    tokens, exchanges = read_recording(name)
    world = World.virtual(RECORDED[name], seed=21)
    key = KeyFolder(rehearsal_keys)["opencrvs-auth"].private_key
    async with ClientSession() as session:
        replay = Replay(
            {"gateway": "", "auth": ""},
            Bound(tokens, key, world),
            exchanges,
            read_configuration(CONFIGURATIONS[name]),
            session,
        )
        country = await aiohttp_server(replay.country())
        settings = Settings(
            gateway_port=0,
            auth_port=0,
            keys=rehearsal_keys,
            country_config_url=str(country.make_url("")),
            fetch_country_config=True,
            profile=Profile(name.split("-")[1][:3]),
            check_invalid_token=name.endswith("-tokens"),
        )
        core = await start(settings, world)
        replay.bases |= {"gateway": core.gateway_url, "auth": core.auth_url}
        yield replay
        await core.close()


def _listed(name: str) -> dict[int, list[str]]:
    listed: dict[int, list[str]] = {}
    for kind in yaml.safe_load((HERE / f"{name}.differences.yaml").read_text()):
        assert kind["reason"]
        for number in kind["exchanges"]:
            listed.setdefault(number, []).extend(kind["differs"])
    return {number: sorted(places) for number, places in listed.items()}


@pytest.mark.requirement("OCRVS-STA-01")
async def test_every_recorded_exchange_is_answered_as_recorded_or_listed(replay: Replay, name: str) -> None:
    await replay.run()
    found = {
        number: sorted(difference.partition(": ")[0] for difference in differences)
        for number, differences in replay.found.items()
    }
    listed = _listed(name)
    told: list[Any] = []
    for number in sorted({*found, *listed}):
        if found.get(number) != listed.get(number):
            request = replay.exchanges[number]["request"]
            told.append(
                {
                    "exchange": number,
                    "request": f"{request['method']} {request['target']} {request['body']}"[:600],
                    "here": replay.found.get(number, []),
                    "listed": listed.get(number, []),
                }
            )
    assert not told, json.dumps(told, indent=1, ensure_ascii=False)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("core-2.0.0", (644, 585)),
        ("core-2.0.0-further", (177, 24)),
        ("core-2.0.0-tokens", (203, 0)),
        ("core-2.0.0-directory", (501, 0)),
        ("core-2.0.0-requests", (194, 0)),
        ("core-2.0.0-forms", (28, 0)),
        ("core-1.9.15", (278, 48)),
        ("core-1.9.15-forms", (6, 0)),
    ],
)
def test_the_recording_is_whole(name: str, counts: tuple[int, int]) -> None:
    _, exchanges = read_recording(name)
    hops = Counter(exchange["hop"] for exchange in exchanges)
    assert (hops["gateway"] + hops["auth"], hops["trigger"] + hops["documents"]) == counts

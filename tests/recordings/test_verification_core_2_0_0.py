"""A real core 2.0.0 asked a bridge that verifies mothers, with Farajaland's country config behind it: the
same requests again, core from the recording. README.md tells how it was recorded.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from tests.recordings.replay import HERE, Json
from tests.recordings.test_bridge_core_2_0_0 import Played
from tests.servers.bridge.conftest import Stage, set_up
from tests.servers.bridge.offices import UNKNOWN, folder
from tests.servers.bridge.stubs_people import StubPeople
from tests.servers.bridge.test_country_config import Country
from wire.keyfolder import KeyFolder
from wire.world import World

_first, *_lines = (
    lzma.decompress((HERE / "verification-core-2.0.0.jsonl.xz").read_bytes()).decode().splitlines()
)
HEAD: Json = json.loads(_first)
SCENARIOS: list[Json] = [json.loads(line) for line in _lines]
_parked = SCENARIOS[0]
# a correction that was parked then; what could not be rejected later is answered at once since
del _parked["exchanges"][11:15], _parked["ends"][4], _parked["outcomes"][4]
_VERIFY = {"verify": {"mother": "if-known"}}
_NOBODYS = "5938204716"
"""The number that ID authentication did not know."""


class PlayedWithPeople(Played):
    """ID authentication goes away and comes back as it did then."""

    def __init__(self, stage: Stage, scenario: Json, people: StubPeople) -> None:
        super().__init__(stage, scenario, HEAD["tokens"])
        self._people = people

    def id_authentication(self, *, down: bool) -> None:
        self._people.down = down


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each["scenario"] for each in SCENARIOS])
async def test_people_are_verified_as_recorded(tmp_path: Path, rehearsal_keys: Path, scenario: Json) -> None:
    keys = KeyFolder(rehearsal_keys)
    rules = {"DECLARE": _VERIFY, "REGISTER": {"identity": True}}
    rules["APPROVE_CORRECTION"] = _VERIFY | {"identity": True, "unanswered": "reject"}
    people, country = await StubPeople(World.virtual(seed=3), keys).start(), await Country().start()
    people.faults_of[_NOBODYS] = UNKNOWN
    country.says("/trigger/events/birth/actions/REGISTER", body={"registrationNumber": HEAD["number"]})
    stage = await set_up(
        tmp_path,
        keys,
        country_folder=folder(tmp_path, **rules),
        country_config_url=country.listening.url,
        ida_url=people.settings["ida_url"],
        national_id_fields=(),
    )
    people.world = stage.world
    played = PlayedWithPeople(stage, scenario, people)
    await played.play()
    assert not any(stage.opencrvs.faults.values()), "recorded answers that the bridge never asked for"
    assert [[str(r.state), r.reason, r.untold] for r in await played.registrations()] == scenario["ends"]
    await stage.close()
    await people.close()
    await country.listening.close()

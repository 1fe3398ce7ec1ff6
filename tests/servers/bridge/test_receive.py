"""What is recorded of a trigger, and what is refused: packets that MOSIP would refuse (contract mosip §15,
3 to 5), and event types that make no identity.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bridge.country.folder import FARAJALAND
from bridge.registration import State
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.mediator import call


@pytest.mark.parametrize("stage", [{"mode": "async"}, {"mode": "sync"}], indirect=True, ids=["async", "sync"])
async def test_a_name_that_is_too_short_is_rejected_at_the_trigger_with_the_fields_name(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH | {"child.name": {"firstname": "Li"}})
    status, problem = await stage.trigger(event)
    assert status == 400  # another status would leave the record waiting in OpenCRVS
    assert "child.name" in problem["detail"] and "Li" not in problem["detail"].replace("Like", "")
    assert not stage.mosip.packets


MARRIAGE = {"bride.name": {"firstname": "Amara", "surname": "Okafor"}, "bride.nid": "4238670978"}


async def mapped(stage: Stage, folder: Path, process: str, mode: str) -> None:
    """The country has given marriages a mapping."""
    own = shutil.copytree(FARAJALAND, folder / "country")
    fields = json.loads((own / "packet_fields.json").read_text())
    fields["marriage"] = {
        "process": process,
        "fields": [
            {"to": "IDSchemaVersion", "from": ["$schemaVersion"], "as": "text"},
            {"to": "UIN", "from": ["bride.nid"], "as": "text"},
            {"to": "fullName", "from": ["bride.name"], "as": "name"},
        ],
        "notification": {},
    }
    (own / "packet_fields.json").write_text(json.dumps(fields))
    rules = json.loads((own / "policy.json").read_text())
    rules["events"]["marriage"] = {"REGISTER": {"identity": True}}
    (own / "policy.json").write_text(json.dumps(rules))
    await stage.restart(mode=mode, forwarded="birth,death,marriage", country_folder=own)


async def married(stage: Stage) -> tuple[int, dict[str, Any], dict[str, Any]]:
    event = stage.opencrvs.record("marriage", MARRIAGE)
    status, body = await stage.trigger(event)
    await stage.world.clock.settle()
    return status, body, event


MODES = ("sync", "async", "async-after-sync-timeout")


@pytest.mark.parametrize("mode", MODES)
async def test_a_marriage_is_submitted_in_every_mode(stage: Stage, tmp_path: Path, mode: str) -> None:
    await mapped(stage, tmp_path, "CRVS_UPDATE", mode)
    status, body, event = await married(stage)
    assert (status, body) == (202, {})
    assert not stage.mosip.identities and not stage.mosip.asked["uin"]
    registration = await stage.of(event)
    assert (registration.state, registration.mode) == (State.SUBMITTED, "async")
    assert stage.mosip.packets[registration.packet_id]["process"] == "CRVS_UPDATE"
    assert await stage.deliver(stage.mosip.ended(registration.packet_id, "PROCESSED", "CRVS_UPDATE")) == 200
    [accepted] = stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {}


@pytest.mark.parametrize("process", ["CRVS_NEW", "CRVS_DEATH"])
@pytest.mark.parametrize("mode", MODES)
async def test_a_mapping_cannot_make_it_a_birth_or_a_death(
    stage: Stage, process: str, tmp_path: Path, mode: str
) -> None:
    with pytest.raises(CannotStart, match=r"packet_fields.json:[0-9]+: .*(demands|makes or ends)"):
        await mapped(stage, tmp_path, process, mode)
    await stage.restart(country_folder=None, forwarded="birth,death")


async def test_a_type_without_a_mapping_or_a_rule_is_refused_at_the_start(
    stage: Stage, tmp_path: Path
) -> None:
    with pytest.raises(CannotStart, match=r"BRIDGE_FORWARDED: packet_fields.json .* no mapping for marriage"):
        await stage.restart(forwarded="birth,death,marriage")
    own = shutil.copytree(FARAJALAND, tmp_path / "country")
    (own / "policy.json").write_text('{"events": {"birth": {"REGISTER": {"identity": true}}}}')
    with pytest.raises(CannotStart, match=r"BRIDGE_FORWARDED: policy.json .* no identity of death"):
        await stage.restart(country_folder=own, forwarded="birth,death")
    await stage.restart(country_folder=None)


@pytest.mark.parametrize(
    "numbers",
    [
        {"marriageCertificateNumber": "M1"},
        {"marriageCertificateNumber": "M1", "birthCertificateNumber": "B1"},
        {"marriageCertificateNumber": "M1", "deathCertificateNumber": "D1"},
    ],
    ids=lambda numbers: " and ".join(numbers),
)
async def test_the_mediators_api_takes_no_marriage_for_a_birth(stage: Stage, numbers: dict[str, str]) -> None:
    event = stage.opencrvs.record("marriage", MARRIAGE)
    headers = {"Authorization": f"Bearer {stage.opencrvs.token(event)}"}
    body = {"trackingId": event["trackingId"], "requestFields": {"fullName": "[]", **numbers}}
    status, _, said = await call(stage, "POST", "/events/registration", headers=headers, json=body)
    assert status == 400 and "CertificateNumber" in said
    assert await stage.running.store.listings.pending() == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_correction_of_a_marriage_is_none_of_the_id_systems_business(
    stage: Stage, tmp_path: Path, mode: str
) -> None:
    await mapped(stage, tmp_path, "CRVS_UPDATE", mode)
    event = stage.opencrvs.record("marriage", MARRIAGE)
    event["actions"][-1]["type"] = "APPROVE_CORRECTION"
    assert (await stage.trigger(event, action="APPROVE_CORRECTION"))[0] == 200
    assert await stage.running.store.listings.pending() == [] and not stage.mosip.packets

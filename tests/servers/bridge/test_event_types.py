"""An event that is neither birth nor death makes nobody an identity, and ends nobody's: in every mode."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.country import packet_fields as mappings
from bridge.registration import State
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_mediator_habits import call

MARRIAGE = {"bride.name": {"firstname": "Amara", "surname": "Okafor"}, "bride.nid": "4238670978"}


def mapped(monkeypatch: pytest.MonkeyPatch, process: str) -> None:
    """The country has given marriages a mapping."""
    marriage = {
        "process": process,
        "fields": [
            {"to": "IDSchemaVersion", "from": ["$schemaVersion"], "as": "text"},
            {"to": "UIN", "from": ["bride.nid"], "as": "text"},
            {"to": "fullName", "from": ["bride.name"], "as": "name"},
        ],
        "notification": {},
    }
    own = {**mappings.mapping(), "marriage": marriage}
    monkeypatch.setattr(mappings, "mapping", lambda path=None: own)


async def married(stage: Stage) -> tuple[int, dict[str, Any], dict[str, Any]]:
    event = stage.opencrvs.record("marriage", MARRIAGE)
    status, body = await stage.trigger(event)
    await stage.world.clock.settle()
    return status, body, event


MODES = [
    {"mode": mode, "forwarded": "birth,death,marriage"}
    for mode in ("sync", "async", "async-after-sync-timeout")
]


@pytest.mark.parametrize("stage", MODES, ids=lambda value: value["mode"], indirect=True)
async def test_a_marriage_is_submitted_in_every_mode(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped(monkeypatch, "CRVS_UPDATE")
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
@pytest.mark.parametrize("stage", MODES, ids=lambda value: value["mode"], indirect=True)
async def test_a_mapping_cannot_make_it_a_birth_or_a_death(
    stage: Stage, process: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped(monkeypatch, process)
    status, body, _ = await married(stage)
    assert status == 422 and process in body["detail"]
    assert not stage.mosip.packets and not stage.mosip.identities
    assert await stage.running.pending() == []


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
    assert await stage.running.pending() == []


@pytest.mark.parametrize("stage", MODES, ids=lambda value: value["mode"], indirect=True)
async def test_a_correction_of_a_marriage_is_none_of_the_id_systems_business(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped(monkeypatch, "CRVS_UPDATE")
    event = stage.opencrvs.record("marriage", MARRIAGE)
    event["actions"][-1]["type"] = "APPROVE_CORRECTION"
    assert (await stage.trigger(event, action="APPROVE_CORRECTION"))[0] == 200
    assert await stage.running.pending() == [] and not stage.mosip.packets

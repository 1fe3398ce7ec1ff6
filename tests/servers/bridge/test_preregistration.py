"""An older child is applied for at pre-registration, once, and registered without a national ID."""

from __future__ import annotations

import pytest

from bridge.registration import State
from bridge.starting import CannotStart
from tests.servers.bridge.centres import NUMBER, OLDER, Office, office
from tests.servers.bridge.conftest import BIRTH

__all__ = ["office"]


async def test_an_older_child_gets_one_application_and_no_packet(office: Office) -> None:
    event = await office.registers(OLDER)
    [asked] = office.centre.asked
    identity = asked["request"]["demographicDetails"]["identity"]
    assert asked["id"] == "mosip.pre-registration.demographic.create" and asked["version"] == "1.0"
    assert identity["fullName"] == [{"language": "eng", "value": "Mulenga Chanda Natasha"}]
    assert identity["IDSchemaVersion"] == 0.1 and identity["dateOfBirth"] == "2024/02/20"
    assert set(asked["request"]["requiredFields"]) == set(identity)
    [accepted] = office.stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.applicationId": NUMBER}
    assert identity["birthCertificateNumber"] == accepted["registrationNumber"]
    assert not office.stage.mosip.packets
    assert (await office.stage.of(event)).state is State.CONFIRMED


async def test_a_younger_child_goes_another_way(office: Office) -> None:
    event = office.stage.opencrvs.record("birth", BIRTH | {"child.dob": "2026-02-01"})
    status, body = await office.stage.trigger(event)
    assert status == 200 and "child.nid" in body["declaration"] and not office.centre.asked


async def test_an_id_system_without_applications_is_told_at_the_start(office: Office) -> None:
    with pytest.raises(CannotStart, match=r"BRIDGE_COUNTRY: policy.json .* applies for older children"):
        await office.stage.restart(id_system="tests.servers.bridge.plain_nid:PlainNid")
    await office.stage.restart(id_system="mosip")

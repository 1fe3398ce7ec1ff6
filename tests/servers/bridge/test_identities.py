"""Whose number is whose at the ID repository."""

from __future__ import annotations

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage
from tests.servers.bridge.stubs import UIN, VID


async def test_a_vid_is_never_sent_as_uin(stage: Stage) -> None:
    death = await stage.submitted("death", DEATH | {"deceased.nid": VID})
    birth = await stage.submitted("birth", BIRTH | {"mother.nid": VID})
    sent = [stage.mosip.packets[(await stage.of(event)).packet_id]["fields"] for event in (death, birth)]
    assert sent[0]["UIN"] == UIN and sent[0]["nationalIdNumber"] == VID
    assert sent[1]["introducerUIN"] == UIN


async def test_a_vid_that_the_id_system_does_not_know(stage: Stage) -> None:
    stage.mosip.uins.clear()
    birth = await stage.submitted("birth", BIRTH | {"mother.nid": VID})
    fields = stage.mosip.packets[(await stage.of(birth)).packet_id]["fields"]
    assert "introducerUIN" not in fields  # the birth is not hers to hold up
    death = await stage.submitted("death", DEATH | {"deceased.nid": VID})
    registration = await stage.of(death)
    assert registration.packet_id not in stage.mosip.packets
    assert registration.state is State.STUCK and "IDR-IDC-007" in str(registration.last_error)

"""An ID system that is not MOSIP: one class and BRIDGE_ID_SYSTEM; the way of a registration is the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.nid import chosen
from bridge.registration import State
from bridge.starting import CannotStart
from tests.servers.bridge.conftest import BIRTH, DEATH, Stage, set_up
from tests.servers.bridge.plain_nid import PlainServer
from wire.keyfolder import KeyFolder
from wire.redaction import redact_text
from wire.world import World

NAME = "tests.servers.bridge.plain_nid:PlainNid"


class PlainStage:
    """The usual stage, whose bridge has another ID system; its MOSIP must never be asked."""

    def __init__(self, stage: Stage, nid: PlainServer) -> None:
        self.stage, self.nid = stage, nid

    async def packet_of(self, event: dict[str, Any]) -> str:
        return (await self.stage.of(event)).packet_id

    async def tells(self, event: dict[str, Any], **options: Any) -> int:
        base = self.stage.running.mediator_url
        status = await self.nid.tell(base, await self.packet_of(event), **options)
        await self.stage.world.clock.settle()
        return status


@pytest.fixture
async def plain(
    tmp_path: Path, keys: KeyFolder, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PlainStage]:
    nid = await PlainServer(World.virtual(seed=3)).start()
    monkeypatch.setenv("PLAIN_NID_URL", nid.listening.url)
    monkeypatch.setenv("PLAIN_NID_SECRET", nid.secret)
    stage = await set_up(tmp_path, keys, id_system=NAME, **getattr(request, "param", {}))
    yield PlainStage(stage, nid)
    assert not stage.mosip.asked, "MOSIP was asked"
    await stage.close()
    await nid.close()


async def test_yes(plain: PlainStage) -> None:
    event = await plain.stage.submitted()
    assert await plain.tells(event) == 200
    [accepted] = plain.stage.opencrvs.accepted(event)
    assert accepted["declaration"] == {"child.nid": plain.nid.people[await plain.packet_of(event)]}
    assert await plain.tells(event) == 200  # told again
    assert len(plain.stage.opencrvs.accepted(event)) == 1


def test_no_line_of_the_log_holds_a_secret_of_its_own_settings(plain: PlainStage) -> None:
    assert plain.nid.secret not in redact_text(f"the ID system answered: {plain.nid.secret}")


async def test_no(plain: PlainStage) -> None:
    event = await plain.stage.submitted()
    plain.nid.refuse = "PACKET_REJECTED"
    assert await plain.tells(event) == 200
    assert (await plain.stage.of(event)).state is State.REJECTED
    assert not plain.stage.opencrvs.accepted(event) and plain.stage.opencrvs.rejected(event)


async def test_a_death_brings_no_number(plain: PlainStage) -> None:
    event = await plain.stage.submitted("death")
    assert await plain.tells(event) == 200
    assert (await plain.stage.of(event)).state is State.CONFIRMED
    assert not plain.nid.people


async def test_an_answer_that_was_never_told_is_found_by_asking(plain: PlainStage) -> None:
    event = await plain.stage.submitted()
    plain.nid.decide(await plain.packet_of(event))
    await plain.stage.world.clock.advance(2 * 3600)
    assert (await plain.stage.of(event)).state is State.CONFIRMED


async def test_one_that_is_down_gets_the_packet_later(plain: PlainStage) -> None:
    plain.nid.down = True
    event = await plain.stage.submitted()
    assert (await plain.stage.of(event)).state is State.QUEUED
    plain.nid.down = False
    await plain.stage.world.clock.advance(600)
    assert (await plain.stage.of(event)).state is State.SUBMITTED


async def test_a_restart_loses_nothing(plain: PlainStage) -> None:
    event = await plain.stage.submitted()
    await plain.stage.restart()
    assert await plain.tells(event) == 200
    assert (await plain.stage.of(event)).state is State.CONFIRMED


async def test_a_forged_webhook_changes_nothing(plain: PlainStage) -> None:
    event = await plain.stage.submitted()
    assert await plain.tells(event, secret="another") == 401
    assert (await plain.stage.of(event)).state is State.SUBMITTED


@pytest.mark.parametrize("plain", [{"mode": "sync"}], indirect=True)
async def test_asked_synchronously(plain: PlainStage) -> None:
    event = plain.stage.opencrvs.record("birth", BIRTH)
    status, body = await plain.stage.trigger(event)
    assert status == 200 and body["declaration"] == {"child.nid": next(iter(plain.nid.people.values()))}
    death = plain.stage.opencrvs.record("death", DEATH)
    assert (await plain.stage.trigger(death))[0] == 200
    plain.nid.refuse = "duplicate"
    event = plain.stage.opencrvs.record("birth", BIRTH)
    assert (await plain.stage.trigger(event))[0] == 400


async def test_the_hubs_callback_is_not_there(plain: PlainStage) -> None:
    assert await plain.stage.mosip.deliver(plain.stage.callback, b"{}") == 404


@pytest.mark.parametrize("name", ["", "mosip2", "no.such.module:X", "bridge.nid:Yes", "json:dumps"])
def test_a_name_that_leads_nowhere_is_told(name: str) -> None:
    with pytest.raises(CannotStart, match="BRIDGE_ID_SYSTEM"):
        chosen(name)

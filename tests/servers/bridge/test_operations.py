"""What operators see and do; and what nobody may see."""

from __future__ import annotations

import logging

import pytest

from bridge.registration import State
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import VID
from tests.servers.bridge.test_work import said


async def test_stuck_registration_is_listed_with_what_to_do(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-KPM-002")]
    event = stage.opencrvs.record("birth", BIRTH)
    await stage.trigger(event)
    await stage.world.clock.settle()
    status, listed = await ask(stage, "GET", "/operations/registrations?state=STUCK")
    [row] = listed["registrations"]
    assert (status, row["event_id"], row["stuck"]) == (200, event["id"], True)
    assert row["reason"] == "nid-refused-packet" and row["advice"] and row["remedies"] == ["retry", "reject"]
    assert listed["counts"] == {"STUCK": 1}
    assert "token" not in row and "national_id" not in row
    for id in (row["id"], row["packet_id"], row["event_id"], row["action_id"]):
        _, shown = await ask(stage, "GET", f"/operations/registrations/{id}")
        assert [line["state"] for line in shown["history"]] == ["QUEUED", "STUCK"]


async def test_retry_and_reject(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-KPM-002")] * 2
    first, second = await stage.submitted(), await stage.submitted()
    assert (await ask(stage, "POST", f"/operations/registrations/{first['id']}/retry"))[0] == 200
    await stage.world.clock.settle()
    assert (await stage.of(first)).state is State.SUBMITTED
    assert (await ask(stage, "POST", f"/operations/registrations/{first['id']}/retry"))[0] == 409
    path = f"/operations/registrations/{second['id']}/reject"
    assert (await ask(stage, "POST", path, reason=""))[0] == 400
    assert (await ask(stage, "POST", path, reason="Registered elsewhere."))[0] == 200
    await stage.world.clock.settle()
    assert (await stage.of(second)).state is State.REJECTED
    assert (await ask(stage, "POST", path, reason="Registered elsewhere."))[0] == 409


@pytest.mark.parametrize("token", [None, "wrong", ""])
async def test_operations_need_their_own_credential(stage: Stage, token: str | None) -> None:
    assert (await ask(stage, "GET", "/operations/registrations", token=token))[0] == 401


@pytest.mark.parametrize("stage", [{"operations_token": None}], indirect=True)
async def test_operations_are_off_unless_set(stage: Stage) -> None:
    assert (await ask(stage, "GET", "/operations/registrations"))[0] == 404


async def test_no_log_line_holds_a_token_or_a_national_id(
    stage: Stage, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    await stage.trigger(event, token)
    await stage.world.clock.settle()
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)), secret="wrong")
    written = caplog.text + capsys.readouterr().out
    assert (await stage.of(event)).id in written
    for secret in (token, VID, BIRTH["mother.nid"], "mosip-websub-secret", "abcdeABCDE123456"):
        assert secret not in written


async def test_nothing_secret_lies_readable_in_the_store(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    token = stage.opencrvs.token(event)
    await stage.trigger(event, token)
    await stage.world.clock.settle()
    from pathlib import Path

    path = Path(stage.settings["database_url"].removeprefix("sqlite:///"))
    stored = b"".join(file.read_bytes() for file in path.parent.glob("bridge.db*"))
    assert event["id"].encode() in stored
    for secret in (token, BIRTH["mother.nid"], "Chanda"):
        assert secret.encode() not in stored

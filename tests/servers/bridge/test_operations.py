"""What operators see and do; and what nobody may see."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.registration import State
from tests.servers.bridge.conftest import BIRTH, OPERATIONS, Stage
from tests.servers.bridge.stubs import TOPIC, VID
from tests.servers.bridge.test_nid_trouble import said


async def ask(stage: Stage, method: str, path: str, *, token: str | None = OPERATIONS, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = stage.running.mediator_url + path
    async with (
        ClientSession() as session,
        session.request(method, url, headers=headers, json=body or None) as answer,
    ):
        content = await answer.text()
        return answer.status, await answer.json(content_type=None) if content.startswith(
            ("{", "[")
        ) else content


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


async def test_metrics_tell_numbers_and_nothing_else(stage: Stage) -> None:
    event = await stage.submitted()
    _, text = await ask(stage, "GET", "/metrics", token=None)
    assert 'bridge_pending{state="SUBMITTED"} 1.0' in text
    assert event["id"] not in text


async def test_debug_transactions_never_show_a_token_and_never_forget_a_record(stage: Stage) -> None:
    event = await stage.submitted()
    registration = await stage.of(event)
    token = stage.opencrvs.token(event, scope=["type=record.search&event=birth,death"])
    status, listed = await ask(stage, "GET", "/debug/transactions", token=token)
    assert status == 200 and [row["id"] for row in listed] == [registration.packet_id]
    assert (await ask(stage, "GET", "/debug/transactions", token=stage.opencrvs.token(event)))[0] == 403
    own = stage.opencrvs.token(event)
    status, gone = await ask(stage, "DELETE", f"/debug/transactions/{registration.packet_id}", token=own)
    assert (status, gone) == (200, {"registrationNumber": registration.number})
    await stage.world.clock.settle()
    assert len(stage.opencrvs.rejected(event)) == 1


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


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"iss": "somebody"}, 401),
        ({"aud": ["opencrvs:gateway-user"]}, 401),
        ({"exp": 1}, 401),
        ({"eventId": "another"}, 403),
        ({"actionId": "another"}, 400),
        ({"scope": []}, 403),
        ({"actionId": None}, 403),
    ],
)
async def test_tokens_that_are_refused(stage: Stage, changes: dict[str, Any], status: int) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event, stage.opencrvs.token(event, **changes)))[0] == status
    assert await stage.running.pending() == []


async def test_forged_algorithms_are_refused(stage: Stage) -> None:
    import jwt

    from wire.mosip import keys
    from wire.opencrvs import tokens

    event = stage.opencrvs.record("birth", BIRTH)
    claims = tokens.peek(stage.opencrvs.token(event))
    pem = keys.public_pem(stage.opencrvs.keys["opencrvs-auth"].private_key.public_key())
    unsigned = jwt.encode(claims, None, algorithm="none")
    other = tokens.sign(claims, stage.opencrvs.keys["partner"].private_key)
    import base64
    import hashlib
    import hmac

    head, body, _ = jwt.encode(claims, "x" * 40, algorithm="HS256").split(".")
    mac = hmac.new(pem.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    confused = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    for forged in (unsigned, other, confused, "x.y.z"):
        assert (await stage.trigger(event, forged))[0] == 401


async def test_rotated_key_is_fetched_at_most_once_a_minute(stage: Stage) -> None:
    event = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(event))[0] == 202
    asked = stage.opencrvs.key_asked
    stage.opencrvs.key_name = "mosip-iam"
    await stage.world.clock.advance(61)
    again = stage.opencrvs.record("birth", BIRTH)
    assert (await stage.trigger(again))[0] == 202
    old = stage.opencrvs.record("birth", BIRTH)
    stage.opencrvs.key_name = "opencrvs-auth"
    forged = stage.opencrvs.token(old)
    stage.opencrvs.key_name = "mosip-iam"
    assert [(await stage.trigger(old, forged))[0] for _ in range(5)] == [401] * 5
    assert stage.opencrvs.key_asked == asked + 1


async def test_challenge_is_answered_only_for_a_pending_request(stage: Stage) -> None:
    url = f"/websub/callback?hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c"
    assert (await ask(stage, "GET", url, token=None))[0] == 404
    assert (await ask(stage, "GET", "/websub/callback", token=None))[0] == 400


async def test_lost_subscription_is_made_again(stage: Stage) -> None:
    stage.mosip.subscriptions.clear()
    await stage.world.clock.advance(6 * 3600)
    assert TOPIC in stage.mosip.subscriptions


async def test_changed_secret_unsubscribes_first(stage: Stage) -> None:
    port = int(stage.running.mediator_url.rsplit(":", 1)[1])
    await stage.restart(kill=False, port=port, hub_secret="another-secret")
    assert stage.mosip.subscriptions[TOPIC][1] == "another-secret"


async def test_hub_that_is_down_at_the_start_is_no_reason_to_die(stage: Stage) -> None:
    stage.mosip.down = True
    stage.mosip.subscriptions.clear()
    await stage.restart()
    assert (await ask(stage, "GET", "/ready", token=None))[1]["subscriptions"][TOPIC] is False
    stage.mosip.down = False
    await stage.world.clock.advance(300)
    assert TOPIC in stage.mosip.subscriptions

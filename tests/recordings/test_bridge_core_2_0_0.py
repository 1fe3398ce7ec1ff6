"""What passed between the bridge and a real core 2.0.0, again: the bridge here, core from the recording.

Core's triggers are sent as recorded; what the bridge asks of core has to be the recorded request, and gets
the recorded answer. README.md tells how it was recorded.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from yarl import URL

from bridge.registration import Registration
from tests.recordings.replay import HERE
from tests.servers.bridge.conftest import Stage, set_up
from tests.servers.bridge.stubs import VID
from wire.keyfolder import KeyFolder
from wire.opencrvs import trpc

Json = dict[str, Any]
DUPLICATE = "RPR-DDP-FAILED-002"
"""Why the recorded ID system rejected."""
_OWN_ID = re.compile(r"(crvs-bridge-[a-z]+-)[0-9a-f-]{36}")
_first, *_lines = lzma.decompress((HERE / "bridge-core-2.0.0.jsonl.xz").read_bytes()).decode().splitlines()
TOKENS: list[Json] = json.loads(_first)["tokens"]
SCENARIOS: list[Json] = [json.loads(line) for line in _lines]


@pytest.fixture
async def stage(tmp_path: Path, rehearsal_keys: Path) -> AsyncIterator[Stage]:
    stage = await set_up(tmp_path, KeyFolder(rehearsal_keys))
    yield stage
    await stage.close()


class Played:
    """One scenario against one bridge."""

    def __init__(self, stage: Stage, scenario: Json, claims: list[Json]) -> None:
        self._stage, self._exchanges = stage, list(scenario["exchanges"])
        self._claims = claims
        self._outcomes = list(scenario["outcomes"])
        now = int(stage.world.clock.now().timestamp())
        key = stage.opencrvs.keys[stage.opencrvs.key_name].private_key
        self._tokens = [
            jwt.encode({**each, "iat": now, "exp": now + each["exp"]}, key, "RS256") for each in claims
        ]
        self._expected = [each for each in self._exchanges if each["hop"] == "core"]
        for each in self._expected:
            procedure = URL(each["path"], encoded=True).path.removeprefix("/events/")
            stage.opencrvs.faults.setdefault(procedure, []).append(_answering(each))

    async def play(self) -> None:
        for each in self._exchanges:
            match each["hop"]:
                case "trigger":
                    await self._trigger(each)
                case "operator":
                    await self._operate(each)
                case "id-authentication":
                    self.id_authentication(down=each["down"])
                case _:
                    await self._until_asked(each)
        await self._stage.world.clock.settle()
        self._compare()

    def id_authentication(self, *, down: bool) -> None:
        """From here on it is away, or back."""
        raise NotImplementedError

    async def _trigger(self, each: Json) -> None:
        headers = {
            "Authorization": f"Bearer {self._tokens[each['token']]}",
            "Content-Type": "application/json",
        }
        url = self._stage.running.trigger_url + each["path"]
        async with (
            ClientSession() as session,
            session.post(url, data=_filled(each["body"]).encode(), headers=headers) as answer,
        ):
            told = answer.status, await answer.json(content_type=None)
        assert told == (each["status"], json.loads(each["answer"])), each["path"]
        await self._stage.world.clock.settle()
        if each["status"] == 202:
            await self._decide(self._outcomes.pop(0))

    async def _decide(self, outcome: str | None) -> None:
        """What the ID system makes of the packet that is waiting."""
        if outcome is None:
            return
        mosip = self._stage.mosip
        [waiting] = [r for r in await self._stage.running.store.listings.pending() if r.state == "SUBMITTED"]
        rid, process = waiting.packet_id, waiting.process
        if outcome == "issue":
            body = mosip.event(rid, mosip.credential(rid))
        else:
            duplicate = mosip._ok([{"subStatusCode": DUPLICATE}])
            mosip.faults[rid] = [lambda: duplicate]
            body = mosip.ended(rid, "PROCESSED" if outcome == "done" else "REJECTED", process)
        assert await self._stage.deliver(body) == 200

    async def _operate(self, each: Json) -> None:
        [stuck] = await self._stage.running.store.listings.pending()
        operations = self._stage.running.way.operations
        if each["act"] == "retry":
            await operations.retry(stuck)
        else:
            await operations.reject(stuck, each["body"]["reason"])
        await self._stage.world.clock.settle()

    async def _until_asked(self, each: Json) -> None:
        """Time for the bridge to ask it, unless it has, or does within a trigger that ends later."""
        for _ in range(8):
            if len(self._stage.opencrvs.calls) > self._expected.index(each):
                return
            await self._stage.world.clock.advance(30)

    def _compare(self) -> None:
        asked = [(path, _own(given), token) for path, given, token in self._stage.opencrvs.calls]
        recorded = []
        for each in self._expected:
            url, body = URL(each["path"], encoded=True), _filled(each["body"]).encode()
            procedure = url.path.removeprefix("/events/")
            [call] = trpc.parse_calls(each["method"], procedure, dict(url.query), body).calls
            recorded.append((call.path, call.input, self._tokens[each["token"]]))
        if any(each.get("act") == "retry" for each in self._exchanges):
            # newer than the recording: a success that follows a failure is looked at
            _, accepted, token = recorded[-1]
            recorded.append(("event.get", {"eventId": accepted["eventId"]}, token))
        assert asked == recorded

    async def registrations(self) -> list[Registration]:
        """In the order of the recorded triggers that were answered 202."""
        found = []
        for each in self._exchanges:
            if each["hop"] == "trigger" and each["status"] == 202:
                claims = self._claims[each["token"]]
                one = await self._stage.running.store.lookups.by_action(claims["eventId"], claims["actionId"])
                assert one is not None
                if one not in found:
                    found.append(one)
        return found


def _answering(each: Json) -> Any:
    headers = {"Content-Type": each["content_type"]}
    return lambda: web.Response(status=each["status"], body=_filled(each["answer"]).encode(), headers=headers)


def _filled(text: str) -> str:
    return text.replace("{national-id}", VID).replace("{stack}", "Error: at core")


def _own(given: Any) -> Any:
    """The bridge's own ids as the recording has them."""
    if isinstance(given, dict) and "transactionId" in given:
        return given | {"transactionId": _OWN_ID.sub(r"\1{registration}", given["transactionId"])}
    return given


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each["scenario"] for each in SCENARIOS])
async def test_bridge_asks_and_ends_as_recorded(stage: Stage, scenario: Json) -> None:
    played = Played(stage, scenario, TOKENS)
    await played.play()
    assert not any(stage.opencrvs.faults.values()), "recorded answers that the bridge never asked for"
    ends = [[str(r.state), r.reason, r.untold] for r in await played.registrations()]
    assert ends == scenario["ends"]

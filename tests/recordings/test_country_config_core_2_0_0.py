"""A real core 2.0.0 asked a real country config through the bridge: the same requests again, the country from
the recording. README.md tells how it was recorded.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import jwt
from aiohttp import ClientSession
from yarl import URL

from tests.recordings.replay import HERE
from tests.servers.bridge.conftest import set_up
from tests.servers.bridge.test_country_config import Country
from wire.keyfolder import KeyFolder
from wire.opencrvs import trpc

_first, *_lines = (
    lzma.decompress((HERE / "country-config-core-2.0.0.jsonl.xz").read_bytes()).decode().splitlines()
)
HEAD = json.loads(_first)
EXCHANGES: list[dict[str, Any]] = [json.loads(line) for line in _lines]


async def test_every_request_of_core_is_answered_as_then(tmp_path: Path, rehearsal_keys: Path) -> None:
    country = await Country().start()
    stage = await set_up(
        tmp_path,
        KeyFolder(rehearsal_keys),
        country_config_url=country.listening.url,
        national_id_fields=(),
    )
    now, key = int(stage.world.clock.now().timestamp()), stage.opencrvs.keys["opencrvs-auth"].private_key
    tokens = [jwt.encode({**c, "iat": now, "exp": now + c["exp"]}, key, "RS256") for c in HEAD["tokens"]]
    outcomes = {"birth": "PROCESSED", "death": "REJECTED"}
    for each in EXCHANGES:
        if each["hop"] == "core":
            url = URL(each["path"], encoded=True)
            [call] = trpc.parse_calls("POST", url.name, dict(url.query), each["body"].encode()).calls
            asked = next(given for path, given, _ in stage.opencrvs.calls if path == url.name)
            own = {"transactionId", "content"}
            assert {k: v for k, v in asked.items() if k not in own} == {
                k: v for k, v in call.input.items() if k not in own
            }
            assert call.input.get("registrationNumber") in (None, HEAD["number"])
            continue
        decided = each["path"].endswith("REGISTER")
        body = {"registrationNumber": HEAD["number"]} if decided else json.loads(each["answer"] or "[]")
        country.says(each["path"], 200, body)
        headers = {"Content-Type": "application/json"} if each["body"] else {}
        if "token" in each:
            headers["Authorization"] = f"Bearer {tokens[each['token']]}"
        async with (
            ClientSession() as session,
            session.request(
                each["method"],
                stage.running.trigger_url + each["path"],
                data=each["body"] or None,
                headers=headers,
            ) as answer,
        ):
            assert answer.status == each["status"], each["path"]
            assert await answer.json() == ({} if decided else body)
        method, path, told, sent = country.asked[-1]
        assert (method, path) == (each["method"], each["path"])
        assert told.get("Authorization") == headers.get("Authorization")
        assert json.loads(sent or "{}") == json.loads(each["body"] or "{}")
        await stage.world.clock.settle()
        if decided:
            stage.opencrvs.events[json.loads(each["body"])["id"]] = json.loads(each["body"])
            [waiting] = await stage.running.store.listings.pending()
            outcome = outcomes[waiting.event_type]
            event = stage.mosip.ended(waiting.packet_id, outcome, waiting.process)
            assert await stage.deliver(event) == 200
            await stage.world.clock.advance(3600)
    await stage.close()
    await country.listening.close()

"""A stage with a centre for pre-registrations."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import BodyPartReader, web

from bridge.country import COUNTRIES
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from wire.http.listening import Listening, listen
from wire.keyfolder import KeyFolder

OLDER = BIRTH | {"child.dob": "2024-02-20"}
NUMBER = "41052814736592"


class Centre:
    """Pre-registration: notes what it was asked, answers what the test says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.says: dict[str, Any] = {"response": {"preRegistrationId": NUMBER}, "errors": None}
        self.status = 200
        self.documents: list[tuple[str, dict[str, Any], str, bytes]] = []
        self.refuses = ""

    async def start(self) -> Listening:
        app = web.Application()
        app.router.add_post("/prereg", self._create)
        app.router.add_post("/documents/{id}", self._upload)
        return await listen(app, "127.0.0.1", 0, "-")

    async def _create(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return web.json_response(self.says, status=self.status)

    async def _upload(self, request: web.Request) -> web.Response:
        parts = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            parts[part.name] = (part.filename, bytes(await part.read()))
        asked, (name, content) = json.loads(parts["Document request"][1]), parts["file"]
        assert (asked["id"], asked["version"]) == ("mosip.pre-registration.document.upload", "1.0")
        if self.refuses:
            fault = {"errorCode": self.refuses, "message": "no"}
            return web.json_response({"response": None, "errors": [fault]})
        self.documents.append((request.match_info["id"], asked["request"], str(name), content))
        return web.json_response({"response": {"docId": "1"}, "errors": None})


class Office:
    def __init__(self, stage: Stage, centre: Centre) -> None:
        self.stage, self.centre = stage, centre

    async def registers(self, declaration: dict[str, Any]) -> Any:
        event = self.stage.opencrvs.record("birth", declaration)
        assert await self.stage.trigger(event) == (202, {})
        await self.stage.world.clock.settle()
        return event


@pytest.fixture
async def office(tmp_path: Path, keys: KeyFolder) -> AsyncIterator[Office]:
    own = Path(shutil.copytree(COUNTRIES / "uganda", tmp_path / "country"))
    rules = {"REGISTER": {"identity": True, "application": "child.applicationId"}}
    policy = {"events": {"birth": rules, "death": {"REGISTER": {"identity": True}}}}
    (own / "policy.json").write_text(json.dumps(policy))
    centre = Centre()
    listening = await centre.start()
    url = f"{listening.url}/prereg"
    stage = await set_up(
        tmp_path,
        keys,
        country_folder=own,
        preregistration_url=url,
        preregistration_documents_url=f"{listening.url}/documents",
        mode="sync",
    )
    stage.opencrvs.forms["birth"].append("child.applicationId")
    yield Office(stage, centre)
    await stage.close()
    await listening.close()

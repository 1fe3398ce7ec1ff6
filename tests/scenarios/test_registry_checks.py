"""`rehearse verify --opencrvs`, black-box: our mock in a process of its own, also behind a faulty proxy."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from scenarios.engine import Engine, Options
from scenarios.events import RunEnded, StoryOutcome
from scenarios.foreign.registry import REGISTRY_PROMISES, ForeignRegistry, RegistryVerification
from scenarios.foreign.registry_checks import REGISTRY_CHECKS
from scenarios.foreign.registry_records import RECORD_CHECKS
from scenarios.judging.verdicts import Ruling
from testbed.browser import Browser
from tests.scenarios.processes import program
from wire.opencrvs.profiles import Profile
from wire.world import World

CHECKS = [*REGISTRY_CHECKS.checks, *RECORD_CHECKS.checks]
HOSPITAL = ("2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e01", "hospital-rehearsal-secret")
INTEGRATION = ("2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02", "mosip-rehearsal-secret")


@contextmanager
def mock_process(profile: str, keys: Path) -> Iterator[ForeignRegistry]:
    """mock_opencrvs as it comes, but for its version, ports and keys."""
    ports = {"MOCK_OPENCRVS_GATEWAY_PORT": 0, "MOCK_OPENCRVS_AUTH_PORT": 0}
    with program(
        "mock_opencrvs", **ports, MOCK_OPENCRVS_KEYS=keys, MOCK_OPENCRVS_PROFILE=profile
    ) as addresses:
        gateway, auth = addresses[:2]
        yield ForeignRegistry(gateway, auth, f"{auth}/.well-known")


async def verified(foreign: ForeignRegistry, profile: str) -> RunEnded:
    options = Options(profile=profile, real_time=True)
    bridge_verification = RegistryVerification(foreign)
    engine = Engine(bridge_verification.open_stage, options, [], "it", foreign.lacks(), REGISTRY_PROMISES)
    return await engine.run(CHECKS)


async def token_of_a_person(foreign: ForeignRegistry, profile: str) -> str:
    async with Browser(foreign.gateway_url, World.system(), profile=Profile(profile)) as registrar:
        await registrar.log_in()
        assert registrar.token is not None
        return registrar.token


async def count_of_records(foreign: ForeignRegistry) -> int:
    async with ClientSession() as http, http.get(f"{foreign.gateway_url}/admin/records") as answer:
        return len((await answer.json())["records"])


def all_good(run: RunEnded) -> set[str]:
    """The names of what was not played; everything else has passed."""
    for ending in run.endings:
        broken = [verdict for verdict in ending.verdicts if verdict.ruling is Ruling.BROKEN]
        good = ending.outcome in (StoryOutcome.PASSED, StoryOutcome.NOT_PLAYED)
        assert good, (ending.story.name, ending.failures, broken)
    return {ending.story.name for ending in run.endings if ending.outcome is StoryOutcome.NOT_PLAYED}


@pytest.mark.parametrize("profile", ["1.9", "2.0", "2.1"])
async def test_our_own_mock_passes_with_a_client_and_is_not_changed(
    profile: str, rehearsal_keys: Path
) -> None:
    with mock_process(profile, rehearsal_keys) as foreign:
        mine = replace(foreign, client_id=INTEGRATION[0], client_secret=INTEGRATION[1])
        assert all_good(await verified(mine, profile)) == {"crvs_workqueues", "crvs_transactions"}
        assert await count_of_records(foreign) == 0


@pytest.mark.parametrize("profile", ["2.0", "2.1"])
async def test_our_own_mock_passes_with_a_persons_token(profile: str, rehearsal_keys: Path) -> None:
    with mock_process(profile, rehearsal_keys) as foreign:
        token = await token_of_a_person(foreign, profile)
        mine = replace(foreign, token=token, allow_changes=True)
        assert all_good(await verified(mine, profile)) == {"crvs_client"}
        # what it made, it has deleted
        assert await count_of_records(foreign) == 0


async def test_a_client_that_may_create_is_asked_about_transaction_ids(rehearsal_keys: Path) -> None:
    with mock_process("2.0", rehearsal_keys) as foreign:
        mine = replace(foreign, client_id=HOSPITAL[0], client_secret=HOSPITAL[1], allow_changes=True)
        run = await verified(mine, "2.0")
        assert all_good(run) == {"crvs_workqueues"}
        once = {v.promise.short: v.ruling for v in run.endings[-1].verdicts}["once only"]
        assert once is Ruling.KEPT
        # a client may not delete: the two empty records are left, and it says so
        assert await count_of_records(foreign) == 2


async def test_without_a_token_only_the_public_key_is_looked_at(rehearsal_keys: Path) -> None:
    with mock_process("2.0", rehearsal_keys) as foreign:
        not_played = all_good(await verified(foreign, "2.0"))
    assert not_played == {check.name for check in CHECKS} - {"crvs_public_key"}


@asynccontextmanager
async def faulty_gateway(foreign: ForeignRegistry, fault: str) -> AsyncIterator[ForeignRegistry]:
    """A gateway in front of a good OpenCRVS that does one thing wrong."""
    http = ClientSession()

    async def handle(request: web.Request) -> web.Response:
        body, path = await request.read(), request.path_qs
        headers = {k: v for k, v in request.headers.items() if k.lower() in ("authorization", "content-type")}
        if fault == "believes anybody" and "authorization" in request.headers:
            headers["authorization"] = f"Bearer {good}"
        if fault == "forgets transactions" and "event.create" in path:
            body = body.replace(b"rehearsal-", f"{len(made)}-".encode())
            made.append(path)
        async with http.request(
            request.method, foreign.gateway_url + path, data=body, headers=headers
        ) as got:
            content, status = await got.read(), got.status
        if fault == "hides errors" and status >= 400:
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        if fault == "confirms anything" and ".register." in path:
            return web.json_response([{"result": {"data": {"json": {"id": "x", "actions": []}}}}])
        if fault == "opens everything" and status == 403 and ".register." not in path:
            return web.json_response([{"result": {"data": {"json": []}}}])
        if fault == "miscounts" and "workqueue.count" in path and status == 200:
            content = json.dumps(json.loads(content), separators=(",", ":")).replace(":0", ":7").encode()
        return web.Response(status=status, body=content, content_type="application/json")

    made: list[str] = []
    good = await token_of_a_person(foreign, "2.0")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        yield replace(foreign, gateway_url=str(server.make_url("")))
    await http.close()


@pytest.mark.parametrize(
    ("fault", "broken"),
    [
        ("believes anybody", {"tokens"}),
        ("hides errors", {"error forms"}),
        ("confirms anything", {"confirmation"}),
        ("opens everything", {"scopes"}),
        ("forgets transactions", {"once only"}),
        ("miscounts", {"counts"}),
    ],
)
async def test_each_fault_of_an_opencrvs_is_named(fault: str, broken: set[str], rehearsal_keys: Path) -> None:
    with mock_process("2.0", rehearsal_keys) as foreign:
        async with faulty_gateway(foreign, fault) as behind:
            token = await token_of_a_person(foreign, "2.0")
            run = await verified(replace(behind, token=token, allow_changes=True), "2.0")
    named = {v.promise.short for e in run.endings for v in e.verdicts if v.ruling is Ruling.BROKEN}
    assert broken <= named, (named, [e.failures for e in run.endings])
    # a proxy that hides errors hides refusals, too
    assert named <= broken | ({"tokens", "scopes"} if fault == "hides errors" else set()), named
    assert run.failed

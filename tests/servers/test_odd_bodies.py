"""A body that is not what its header says is the sender's fault at every route: 4xx, never 500."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

import bridge.app
import mock_nid.app
import mock_opencrvs.app
from bridge.settings import Settings as BridgeSettings
from mock_nid.settings import Settings as NidSettings
from mock_opencrvs.auth.oauth import RECOVERY
from mock_opencrvs.settings import Settings as OpencrvsSettings
from tests import nowhere
from tests.contract.harness import specified
from wire.world import World

CORES_OWN = {("mock_opencrvs", f"/auth/{name}") for name in ("authenticate", "verifyCode", *RECOVERY)} | {
    ("mock_opencrvs", "/auth/resendAuthenticationCode")
}
"""Where core's gateway counts requests it reads the raw body itself, and fails when it is no JSON."""
NEVER_ENDS = "/admin/journal/stream"
PLACE = "5a1c2c0e-0000-4000-8000-000000000000"


@pytest.fixture
async def servers(tmp_path: Path, rehearsal_keys: Path) -> AsyncIterator[dict[str, list[str]]]:
    """The addresses of each server, by the name of its contract."""
    world, keys = World.virtual(seed=3), rehearsal_keys
    nid = await mock_nid.app.start(NidSettings(port=0, esignet_port=0, keys=keys), world)
    opencrvs = await mock_opencrvs.app.start(
        OpencrvsSettings(gateway_port=0, auth_port=0, country_config_url="http://127.0.0.1:9", keys=keys),
        world,
    )
    ours = await bridge.app.start(
        BridgeSettings(
            port=0,
            trigger_port=0,
            database_url=f"sqlite:///{tmp_path}/bridge.db",
            keys=keys,
            operations_token="of the operators",
            **nowhere.FIELDS | {"public_key_url": f"{opencrvs.auth_url}/.well-known"},
        ),
        world,
    )

    yield {
        "mock_nid": [nid.url, nid.esignet_url],
        "mock_opencrvs": [opencrvs.gateway_url, opencrvs.auth_url],
        "bridge": [ours.trigger_url, ours.mediator_url],
    }
    for each in (ours, opencrvs, nid):
        await each.close()


async def test_body_that_is_not_of_its_coding_is_no_500(servers: dict[str, list[str]]) -> None:
    found = []
    codings = ["gzip", "deflate", "br", "zstd"]
    async with ClientSession() as session:
        for name, addresses in servers.items():
            for method, path in sorted(specified(name)):
                for base, coding in product(addresses, codings) if path != NEVER_ENDS else ():
                    url = base + re.sub(r"\{[^}]*\}", PLACE, path)
                    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
                    async with session.request(method, url, data=b"{}no such", headers=headers) as answer:
                        if answer.status >= 500 and (name, path) not in CORES_OWN:
                            found.append((method, path, coding, answer.status))
    assert not found


async def test_body_that_breaks_off_or_is_no_chunk_is_no_500(servers: dict[str, list[str]]) -> None:
    paths = {
        "mock_nid": "/v1/authmanager/authenticate/clientidsecretkey",
        "mock_opencrvs": "/authenticate",
        "bridge": "/websub/callback",
    }
    for name, path in paths.items():
        for base in servers[name]:
            at = urlsplit(base)
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
            head = f"POST {path} HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\nno size\r\n".encode())
            status = (await reader.readline()).split(b" ")
            assert status[1].startswith(b"4"), (name, status)
            writer.close()


ODD = b"\xe4\xff\xed\xa0\x80"
HEADERS = b"".join(
    name + begun + ODD + b"\r\n"
    for name, begun in {
        b"Authorization: ": b"Bearer ",
        b"Cookie: ": b"Authorization=",
        b"X-Hub-Signature: ": b"sha256=",
        b"Signature: ": b"a.b.",
        b"traceparent: ": b"00-",
        b"Accept: ": b"",
        b"User-Agent: ": b"",
    }.items()
)


async def test_headers_that_are_no_utf8_are_no_500(servers: dict[str, list[str]]) -> None:
    found = []
    for name, addresses in servers.items():
        for method, path in sorted(specified(name)):
            for at in map(urlsplit, addresses) if path != NEVER_ENDS else ():
                reader, writer = await asyncio.open_connection(at.hostname, at.port)
                line = (
                    f"{method} {re.sub(r'{[^}]*}', PLACE, path)} HTTP/1.1\r\nHost: {at.netloc}\r\n".encode()
                )
                length = b"Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                writer.write(line + HEADERS + length)
                status = int((await reader.readline()).split()[1])
                if status == 500 and (name, path) not in CORES_OWN:
                    found.append((name, method, path, status))
                writer.close()
    assert not found

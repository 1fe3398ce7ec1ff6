"""What answers is not what is meant, or does not answer: each seeded, and named by its own finding."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from scenarios.doctor import probes, sources
from scenarios.doctor.examination import Diagnosis, Wanted, examine
from scenarios.doctor.findings import kinds
from tests.doctor import test_sources
from tests.doctor.seeds import SEEDS
from tests.doctor.sets import Mocks, rsa
from tests.servers.bridge.test_certificates import made
from wire.world import World

LATE = datetime(2049, 1, 1, tzinfo=UTC)
HOSTS = ("mosip.country.lan", "crvs.country.lan", "bridge.country.lan")
"""Names of this machine: to the doctor they are hosts of a country."""
IDA = "/idauthentication/v1/auth/MISP-LK-EXAMPLE/crvs-partner/123456"
AUTH, PACKETS = "/v1/authmanager/authenticate/clientidsecretkey", "/commons/v1/packetmanager/createPacket"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Change = dict[str, str]


@dataclass
class Country:
    """A country's set-up by names; servers that stand where something else is meant."""

    mocks: Mocks
    folder: Path
    opened: AsyncExitStack
    authority: Any = field(default_factory=lambda: made("our authority", LATE))

    @property
    def ca_file(self) -> str:
        path = self.folder / "ca.pem"
        path.write_bytes(self.authority[1].public_bytes(Encoding.PEM))
        return str(path)

    async def values(self) -> Change:
        """All is right, and nothing is on this machine."""
        nid, crvs, bridge = HOSTS
        told = dict(self.mocks.bridge())
        for name in ("MOSIP_URL", "ESIGNET_URL"):
            told[name] = told[name].replace("127.0.0.1", nid)
        for name in ("OPENCRVS_GATEWAY_URL", "OPENCRVS_AUTH_URL", "OPENCRVS_PUBLIC_KEY_URL"):
            told[name] = told[name].replace("127.0.0.1", crvs)
        callback = await self.serves(_says(404, "{}"), bridge)
        issuer = await self.serves(self._key_document)
        return told | {
            "BRIDGE_REHEARSAL": "true",
            "HOST": "0.0.0.0",
            "MOSIP_WEBSUB_CALLBACK_URL": f"{callback}/websub/callback",
            "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{issuer}/.well-known/public-key.json",
        }

    async def _key_document(self, request: web.Request) -> web.StreamResponse:
        """The mock's, under the name by which it is asked for."""
        async with ClientSession() as session, session.get(self.mocks.nid + request.path) as given:
            text = (await given.text()).replace(self.mocks.nid, f"http://{request.host}")
        return web.Response(text=text, content_type="application/json")

    async def serves(
        self, handler: Handler, host: str = HOSTS[0], *, tls: tuple[Any, Any] | None = None
    ) -> str:
        """Where the handler answers every path; `tls`: its key and certificate."""
        context = None
        if tls is not None:
            key, certificate = tls
            path = self.folder / "server.pem"
            plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            path.write_bytes(plain + certificate.public_bytes(Encoding.PEM))
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(path)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        self.opened.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return f"http{'s' if tls else ''}://{host}:{runner.addresses[0][1]}"

    async def but(self, url: str, path: str, answer: Handler, host: str = HOSTS[0]) -> str:
        """The server at `url`, but for this path."""
        session = await self.opened.enter_async_context(ClientSession())

        async def passed_on(request: web.Request) -> web.StreamResponse:
            if request.path == path:
                return await answer(request)
            sent = {"data": await request.read(), "headers": request.headers}
            async with session.request(request.method, url + request.path_qs, **sent) as given:
                headers = {
                    k: v for k, v in given.headers.items() if k in ("Content-Type", "Set-Cookie", "Date")
                }
                return web.Response(status=given.status, body=await given.read(), headers=headers)

        return await self.serves(passed_on, host)


@pytest.fixture
async def country(running: Mocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Country]:
    usual = socket.getaddrinfo

    def known(host: Any, *more: Any, **named: Any) -> Any:
        if str(host).endswith(".lan"):
            if host not in HOSTS:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = "127.0.0.1"
        return usual(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    async with AsyncExitStack() as opened:
        yield Country(running, tmp_path, opened)


def _says(status: int, text: str, kind: str = "application/json", **headers: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=kind, headers=headers)

    return handler


PAGE = _says(200, "<!doctype html><title>Log in</title>", "text/html")
PROXY = _says(502, "<html><h1>502 Bad Gateway</h1></html>", "text/html")


async def _hangs(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _late(request: web.Request) -> web.StreamResponse:
    late = datetime.now(UTC) - timedelta(minutes=7)
    return web.Response(text="{}", headers={"Date": format_datetime(late, usegmt=True)})


SEEDED: dict[str, tuple[str, Callable[[Country], Awaitable[Change]]]] = {}
"""About → the finding that must name it, and what is changed."""

Seeding = Callable[[Country], Awaitable[Change]]


def seed(about: str, finding: str) -> Callable[[Seeding], Seeding]:
    def kept(change: Seeding) -> Seeding:
        SEEDED[about] = finding, change
        return change

    return kept


def stands(about: str, finding: str, variable: str, path: str, answer: Handler) -> None:
    """Something else stands at an address."""

    async def change(country: Country) -> Change:
        host = HOSTS[1] if variable.startswith("OPENCRVS") else HOSTS[0]
        return {variable: await country.serves(answer, host) + path}

    SEEDED[about] = finding, change


def answers(about: str, finding: str, path: str, answer: Handler) -> None:
    """MOSIP answers so at one path."""

    async def change(country: Country) -> Change:
        return {"MOSIP_URL": await country.but(country.mocks.nid, path, answer)}

    SEEDED[about] = finding, change


stands("a log-in page at the hub", "ADDRESS-HTML", "MOSIP_WEBSUB_HUB_URL", "/websub/hub", PAGE)
stands("a log-in page at the auth manager", "ADDRESS-HTML", "MOSIP_AUTH_URL", AUTH, PAGE)
stands("a log-in page at the gateway", "ADDRESS-HTML", "OPENCRVS_GATEWAY_URL", "", PAGE)
stands("a clock that is late", "CLOCK-OFF", "OPENCRVS_GATEWAY_URL", "", _late)
stands("a hub that hangs", "ADDRESS-SILENT", "MOSIP_WEBSUB_HUB_URL", "/websub/hub", _hangs)
stands("a gateway that hangs", "ADDRESS-SILENT", "OPENCRVS_GATEWAY_URL", "", _hangs)
stands(
    "a page where the hub calls back",
    "CALLBACK-ELSEWHERE",
    "MOSIP_WEBSUB_CALLBACK_URL",
    "/websub/callback",
    PAGE,
)
stands(
    "a proxy without our bridge",
    "CALLBACK-UNREACHABLE",
    "MOSIP_WEBSUB_CALLBACK_URL",
    "/websub/callback",
    PROXY,
)
stands("a proxy without its gateway", "SERVICE-TROUBLE", "OPENCRVS_GATEWAY_URL", "", PROXY)
stands("a proxy without its auth service", "SERVICE-TROUBLE", "OPENCRVS_AUTH_URL", "", PROXY)
answers("an auth manager in trouble", "SERVICE-TROUBLE", AUTH, _says(500, "{}"))
answers("a proxy without its auth manager", "SERVICE-TROUBLE", AUTH, PROXY)
answers("a proxy without its packet manager", "SERVICE-TROUBLE", PACKETS, PROXY)
answers(
    "a proxy without its hub",
    "SERVICE-TROUBLE",
    "/websub/hub",
    _says(503, "no healthy upstream", "text/plain"),
)
answers("a log-in without a token", "LOG-IN-WITHOUT-TOKEN", AUTH, _says(200, '{"response": {}}'))
answers(
    "a client without the role of packets",
    "ROLE-MISSING",
    PACKETS,
    _says(403, '{"errors": [{"errorCode": "KER-ATH-403", "message": "Forbidden"}], "response": null}'),
)


def _log_in_of(**claims: Any) -> Handler:
    told = {"preferred_username": "service-account-crvs-partner", "realm_access": {"roles": []}} | claims
    cookie = f"Authorization={jwt.encode(told, 'k' * 32)}; Path=/"
    return _says(200, '{"response": {"status": "Success"}}', **{"Set-Cookie": cookie})


@seed("a partner without the role at the hub", "ROLE-MISSING")
async def _(country: Country) -> Change:
    usual, roleless = f"{country.mocks.nid}{AUTH}", _log_in_of()
    session = await country.opened.enter_async_context(ClientSession())

    async def log_in(request: web.Request) -> web.StreamResponse:
        asked = await request.read()
        if b"crvs-partner" in asked:
            return await roleless(request)
        async with session.post(usual, data=asked, headers=request.headers) as given:
            cookie = given.headers["Set-Cookie"]
            return web.Response(body=await given.read(), headers={"Set-Cookie": cookie})

    return {"MOSIP_URL": await country.but(country.mocks.nid, AUTH, log_in)}


@seed("a proxy without ID authentication", "SERVICE-TROUBLE")
async def _(country: Country) -> Change:
    names = ("SIGN_P12_FILE_PATH", "SIGN_P12_FILE_PASSWORD", "ENCRYPT_CERT_PATH")
    keys = {name: value for name, value in country.mocks.mediator().items() if name in names}
    return keys | {"MOSIP_URL": await country.but(country.mocks.nid, IDA, PROXY)}


@seed("a host that nobody knows", "ADDRESS-UNKNOWN-HOST")
async def _(country: Country) -> Change:
    return {"MOSIP_WEBSUB_HUB_URL": "http://hub.country.lan:20240/websub/hub"}


@seed("a gateway that nobody knows", "ADDRESS-UNKNOWN-HOST")
async def _(country: Country) -> Change:
    return {"OPENCRVS_GATEWAY_URL": "http://gateway.country.lan:7070"}


async def _hub(country: Country, tls: tuple[Any, Any]) -> str:
    return await country.serves(_says(400, "hub.mode is wrong", "text/plain"), tls=tls)


def _server(country: Country, until: datetime = LATE, name: str = HOSTS[0]) -> tuple[Any, Any]:
    pair: tuple[Any, Any] = made(name, until, country.authority)
    return pair


@seed("http where https is spoken", "HTTP-WHERE-HTTPS")
async def _(country: Country) -> Change:
    hub = await _hub(country, _server(country))
    return {"MOSIP_WEBSUB_HUB_URL": hub.replace("https:", "http:") + "/websub/hub"}


@seed("an authority of the country's own", "TLS-AUTHORITY")
async def _(country: Country) -> Change:
    return {"MOSIP_WEBSUB_HUB_URL": await _hub(country, _server(country)) + "/websub/hub"}


@seed("the file of another authority", "TLS-AUTHORITY")
async def _(country: Country) -> Change:
    hub = await _hub(country, _server(country))
    country.authority = made("another authority", LATE)
    return {"MOSIP_WEBSUB_HUB_URL": hub + "/websub/hub", "SSL_CERT_FILE": country.ca_file}


@seed("a server's certificate that ran out", "TLS-EXPIRED")
async def _(country: Country) -> Change:
    pair = _server(country, datetime.now(UTC) - timedelta(days=2))
    return {
        "MOSIP_WEBSUB_HUB_URL": await _hub(country, pair) + "/websub/hub",
        "SSL_CERT_FILE": country.ca_file,
    }


@seed("a server's certificate for its old name", "TLS-NAME")
async def _(country: Country) -> Change:
    hub = await _hub(country, _server(country, name="mosip.old.lan"))
    return {"MOSIP_WEBSUB_HUB_URL": hub + "/websub/hub", "SSL_CERT_FILE": country.ca_file}


@seed("a callback behind a private authority", "TLS-AUTHORITY")
async def _(country: Country) -> Change:
    url = await country.serves(_says(404, "{}"), HOSTS[2], tls=_server(country))
    return {"MOSIP_WEBSUB_CALLBACK_URL": f"{url}/websub/callback"}


@seed("nobody listens where the hub calls back", "CALLBACK-UNREACHABLE")
async def _(country: Country) -> Change:
    return {"MOSIP_WEBSUB_CALLBACK_URL": "http://bridge.country.lan:9/websub/callback"}


@seed("a callback whose host nobody knows", "CALLBACK-UNREACHABLE")
async def _(country: Country) -> Change:
    return {"MOSIP_WEBSUB_CALLBACK_URL": "http://old.country.lan:2024/websub/callback"}


@seed("the key of another installation", "KEY-NOT-OF-TOKENS")
async def _(country: Country) -> Change:
    text = rsa().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = await country.serves(_says(200, text, "text/plain"), HOSTS[1])
    return {"OPENCRVS_PUBLIC_KEY_URL": f"{key}/.well-known"}


@seed("tokens of another service", "ISSUER-UNKNOWN")
async def _(country: Country) -> Change:
    token = jwt.encode({"iss": "https://keycloak.country.lan", "scope": []}, "k" * 32)
    auth = country.mocks.opencrvs["2.0"][1]
    session = await country.opened.enter_async_context(ClientSession())

    async def grants(request: web.Request) -> web.StreamResponse:
        if b"client_secret" in await request.read():
            return web.json_response({"access_token": token})
        sent = {"data": await request.read(), "headers": request.headers}
        async with session.post(f"{auth}/token", **sent) as given:
            return web.Response(status=given.status, body=await given.read(), content_type="application/json")

    return {"OPENCRVS_AUTH_URL": await country.but(auth, "/token", grants, HOSTS[1])}


async def looked(values: Change) -> Diagnosis:
    return await examine(sources.of_process(values, "it"), Wanted(), World.system())


async def test_a_country_by_names_is_right(country: Country) -> None:
    report = await looked(await country.values())
    assert not report.findings
    assert report.asked > 15


async def test_a_private_authority_whose_file_is_given_is_right(country: Country) -> None:
    pair = made("127.0.0.1", LATE, country.authority)
    hub = (await _hub(country, pair)).replace(HOSTS[0], "127.0.0.1")
    values = country.mocks.bridge() | {"MOSIP_WEBSUB_HUB_URL": f"{hub}/websub/hub"}
    report = await looked(values | {"SSL_CERT_FILE": country.ca_file})
    assert not report.findings


@pytest.mark.parametrize("about", SEEDED)
async def test_it_is_named_by_its_own_finding(
    country: Country, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "SECONDS", 1.5)
    finding, change = SEEDED[about]
    values = await country.values()
    report = await looked(values | await change(country))
    assert {one.kind.id for one in report.findings} == {finding}, report.findings


async def test_a_port_that_this_user_may_not_have(country: Country, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(socket.socket):
        def bind(self, address: Any) -> None:
            if address[1] == 80:
                raise OSError(errno.EACCES, "Permission denied")
            super().bind(address)

    monkeypatch.setattr(probes.socket, "socket", Refused)
    report = await looked(country.mocks.bridge() | {"PORT": "80"})
    assert [one.kind.id for one in report.findings] == ["PORT-FORBIDDEN"]


def test_every_kind_of_finding_is_seeded() -> None:
    files = (test_sources.VARIABLES, test_sources.COMPOSED, test_sources.CHARTED, test_sources.DECLARED)
    seeded = {seed.finding for seed in SEEDS} | {finding for finding, _ in SEEDED.values()}
    seeded |= {id for table in files for row in table for id in row[-1]}
    elsewhere = {"PORT-FORBIDDEN", "MAPPING-UNREADABLE"}  # tests of their own
    assert kinds().keys() - seeded == elsewhere

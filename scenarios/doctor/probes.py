"""One harmless question to each address: nothing is created, nobody is subscribed. An edge.

What is asked for: log-ins, empty packets (refused for their form), a hub's answer to no request, key
documents, an identity that nobody has.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bridge.channels import Channels
from bridge.country.people import PersonAsked
from bridge.errors import BridgeError
from bridge.mosip.addresses import foreign
from bridge.mosip.verification import Verification
from bridge.opencrvs.client import EXCHANGE
from scenarios.doctor.agreement import alias, origins, public
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.addresses import host_of, is_loopback, origin_of
from wire.http.client import Answer, HttpClient, NoAnswer
from wire.mosip import auth
from wire.opencrvs import trpc
from wire.world import World

SECONDS = 5.0
NOBODY = PersonAsked("0000000000", "1900-01-01", "Nobody", None)
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class ProbeAnswer:
    """What came back: an answer, or in one word why none did, and what was seen."""

    answer: Answer | None
    why: str = ""
    detail: str = ""


@dataclass
class ProbeResults:
    """Everything that was heard. `said` by what was asked for; `tokens` by client."""

    origins: dict[str, ProbeAnswer] = field(default_factory=dict)
    said: dict[str, ProbeAnswer] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)


class Prober:
    """Asks what the settings name, all at once; what cannot be reached from here is listed as unseen."""

    def __init__(
        self,
        reading: Configuration,
        source: ProcessEnvironment,
        program: ProgramKind,
        world: World,
        ca_file: Path | None,
    ) -> None:
        self._reading, self._source, self._program = reading, source, program
        self._settings, self._world = reading.settings, world
        self._ca_file, self.facts = ca_file, ProbeResults()

    async def ask(self) -> ProbeResults:
        """All questions; nothing is raised."""
        async with HttpClient("it", self._world, SECONDS, ca_file=self._ca_file, repeats=False) as client:
            self._client = client
            every = [each for each in origins(self._reading) if self._reachable(each)]
            callback = self._settings.callback_url
            await asyncio.gather(*(self._origin(each) for each in every), self._ports())
            await asyncio.gather(
                self._mosip(), self._hub(), self._keys(), self._opencrvs(), self._esignet(), self._ida(),
                self._callback(callback) if callback and self._wanted("callback_url") else _nothing(),
            )  # fmt: skip
        return self.facts

    # what may be asked

    def _reachable(self, origin: str) -> bool:
        host = host_of(origin)
        names = [name for name in origins(self._reading)[origin] if self._is_told(name)]
        if not names:
            return False
        if self._source.mounts is not None and (
            is_loopback(host) or host in self._source.services or not public(host)
        ):
            self.facts.unseen.append(f"{', '.join(names)}: {host} is reached from inside only")
            return False
        return True

    def _is_told(self, variable: str) -> bool:
        """Whether an address is one that the program really uses."""
        if variable in self._reading.broken:
            return False
        return variable in self._reading.values or (
            self._program is ProgramKind.BRIDGE and self._source.whole
        )

    def _wanted(self, name: str) -> bool:
        variable = alias(name)
        address = str(getattr(self._settings, name) or "")
        if not address or variable in self._reading.broken:
            return False
        if self._program is ProgramKind.MEDIATOR and variable not in self._reading.values:
            return False
        heard = self.facts.origins.get(origin_of(address))
        return (heard is not None and heard.answer is not None) or name == "callback_url"

    async def _say(self, what: str, method: str, url: str, **more: Any) -> ProbeAnswer:
        said = await self._call(method, url, **more)
        self.facts.said[what] = said
        return said

    async def _call(self, method: str, url: str, **more: Any) -> ProbeAnswer:
        try:
            return ProbeAnswer(await self._client.call(method, url, **more))
        except NoAnswer as none:
            return ProbeAnswer(None, *_why(none))

    async def _origin(self, origin: str) -> None:
        said = await self._call("GET", f"{origin}/")
        if said.why == "reset" and origin.startswith("http://"):
            other = await self._call("GET", f"https://{origin.removeprefix('http://')}/")
            if other.answer is not None or other.why.startswith("tls-"):
                said = ProbeAnswer(None, "tls-wanted")
        self.facts.origins[origin] = said

    # MOSIP

    async def _mosip(self) -> None:
        settings = self._settings
        if not self._wanted("mosip_auth_url"):
            return
        clients = {
            "packet": (settings.packet_client_id, settings.packet_client_secret.get_secret_value()),
            "websub": (settings.websub_client_id, settings.websub_client_secret.get_secret_value()),
        }
        await asyncio.gather(*(self._log_in(name, *held) for name, held in clients.items()))
        token = self.facts.tokens.get("packet")
        headers = JSON | ({"Cookie": auth.cookie(token)} if token else {})
        questions = [("create_packet_url", "PUT"), ("process_packet_url", "POST"), ("status_url", "POST")]
        await asyncio.gather(
            *(
                self._say(name, method, str(getattr(settings, name)), headers=headers, body=b"{}")
                for name, method in questions
                if self._wanted(name)
            )
        )

    async def _log_in(self, name: str, client: str, secret: str) -> None:
        body = auth.token_request(client, secret, self._settings.mosip_app_id, self._world.clock.now())
        said = await self._say(
            f"log-in {name}",
            "POST",
            self._settings.mosip_auth_url,
            headers=JSON,
            body=json.dumps(body).encode(),
        )
        if said.answer is not None and said.answer.status == 200:
            headers = said.answer.headers
            token = auth.handed_over(headers.get("Authorization"), headers.getall("Set-Cookie", []))
            if token:
                self.facts.tokens[name] = token

    async def _hub(self) -> None:
        if self._wanted("hub_url"):
            await self._say("hub_url", "POST", self._settings.hub_url, headers=FORM, body=b"hub.mode=none")

    async def _keys(self) -> None:
        for number, url in enumerate(self._settings.verification_methods):
            variable = alias("verification_methods")
            given = variable in self._reading.values
            place = self._settings.well_known_url if not given else ""
            target = f"{place.rstrip('/')}/{url.rpartition('/')[2]}" if place else url
            inside = self._source.mounts is not None and not public(host_of(target))
            if not self._is_told(variable) or inside:
                continue
            await self._say(f"key {number}", "GET", target, follow=True)

    async def _callback(self, url: str) -> None:
        if self._source.mounts is not None and not public(host_of(url)):
            self.facts.unseen.append(f"MOSIP_WEBSUB_CALLBACK_URL: {host_of(url)} is reached from inside only")
            return
        query = urlencode({"hub.mode": "subscribe", "hub.topic": "none", "hub.challenge": "doctor"})
        await self._say("callback_url", "GET", f"{url}{'&' if '?' in url else '?'}{query}")

    async def _ida(self) -> None:
        settings = self._settings
        paths = ("SIGN_P12_FILE_PATH", "ENCRYPT_CERT_PATH")
        by_hand = [name for name in paths if name in self._reading.values]
        loopback = not foreign(settings.ida_url)
        if not self._wanted("ida_url") or (
            self._program is ProgramKind.MEDIATOR and len(by_hand) < len(paths)
        ):
            return
        if by_hand and self._source.mounts is not None:
            return
        if self._program is ProgramKind.BRIDGE and not by_hand and not (loopback and settings.keys.is_dir()):
            return
        await self._nobody("ida", settings)
        other = settings.model_copy(
            update={
                "partner_id": settings.partner_misp_key.get_secret_value(),
                "partner_misp_key": type(settings.partner_misp_key)(settings.partner_id),
            }
        )
        heard = self.facts.said["ida"].answer
        if heard is not None and b"IDA-MPA-007" in heard.body:
            await self._nobody("ida swapped", other)

    async def _nobody(self, what: str, settings: Any) -> None:
        verification = None
        try:
            verification = Verification(settings, self._world, Channels(self._world))
            self.facts.said[what] = ProbeAnswer(await verification.ask(NOBODY))
        except NoAnswer as none:
            self.facts.said[what] = ProbeAnswer(None, *_why(none))
        except (BridgeError, OSError, ValueError) as error:
            self.facts.said[what] = ProbeAnswer(None, "own", type(error).__name__)
        finally:
            if verification is not None:
                await verification.close()

    async def _esignet(self) -> None:
        questions: list[Awaitable[Any]] = []
        if self._wanted("esignet_token_url"):
            url = self._settings.esignet_token_url
            questions.append(
                self._say("esignet_token_url", "POST", url, headers=FORM, body=b"grant_type=none")
            )
        if self._wanted("esignet_jwks_url"):
            questions.append(self._say("esignet_jwks_url", "GET", self._settings.esignet_jwks_url))
        if self._wanted("esignet_userinfo_url"):
            questions.append(self._say("esignet_userinfo_url", "GET", self._settings.esignet_userinfo_url))
        await asyncio.gather(*questions)

    # OpenCRVS

    async def _opencrvs(self) -> None:
        settings = self._settings
        questions: list[Awaitable[Any]] = []
        if self._wanted("public_key_url"):
            questions.append(self._say("public_key_url", "GET", settings.public_key_url, follow=True))
        if self._wanted("gateway_url"):
            target = trpc.query_url("event.config.get")
            questions.append(self._say("gateway_url", "GET", f"{settings.gateway_url}/events{target}"))
        if self._program is ProgramKind.BRIDGE and self._wanted("auth_url"):
            url = settings.auth_url + "/token"
            for what, grant in (("grant client", "client_credentials"), ("grant exchange", EXCHANGE)):
                form = urlencode({"grant_type": grant}).encode()
                questions.append(self._say(what, "POST", url, headers=FORM, body=form))
            if settings.client_id and settings.client_secret is not None:
                questions.append(
                    self._client_token(url, settings.client_id, settings.client_secret.get_secret_value())
                )
        await asyncio.gather(*questions)

    async def _client_token(self, url: str, client: str, secret: str) -> None:
        form = urlencode({"grant_type": "client_credentials", "client_id": client, "client_secret": secret})
        said = await self._say("client", "POST", url, headers=FORM, body=form.encode())
        if _granted(said) is None:
            other = await self._call("POST", f"{url}?{form}")
            if _granted(other) is not None:
                said = self.facts.said["client"] = other
        if (token := _granted(said)) is None:
            return
        self.facts.tokens["client"] = token
        if self._wanted("gateway_url"):
            target = f"{self._settings.gateway_url}/events{trpc.query_url('event.config.get')}"
            await self._say("forms", "GET", target, headers={"Authorization": f"Bearer {token}"})

    # our own ports

    async def _ports(self) -> None:
        settings = self._settings
        if self._source.mounts is not None:
            return
        mine = [("PORT", settings.port)]
        if self._program is ProgramKind.BRIDGE:
            mine.append(("BRIDGE_TRIGGER_PORT", settings.trigger_port or 0))
        for name, port in mine:
            if port and name not in self._reading.broken and (why := _taken(settings.host, port)):
                said = await self._call("GET", f"http://127.0.0.1:{port}/websub/callback")
                health = await self._call("GET", f"http://127.0.0.1:{port}/health")
                known = any(
                    each.answer is not None
                    and (b"hub.challenge" in each.answer.body or each.answer.body.startswith(b'{"status"'))
                    for each in (said, health)
                )
                if not known:
                    self.facts.ports[name] = why


def _granted(said: ProbeAnswer) -> str | None:
    try:
        content = said.answer.json() if said.answer is not None and said.answer.status == 200 else None
    except ValueError:
        return None
    token = content.get("access_token") if isinstance(content, dict) else None
    return token if isinstance(token, str) else None


def _taken(host: str, port: int) -> str:
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    with socket.socket(family) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((bare, port))
        except OSError as error:
            return {
                errno.EADDRINUSE: "taken",
                errno.EADDRNOTAVAIL: "not here",
                errno.EACCES: "forbidden",
            }.get(error.errno or 0, "no host" if isinstance(error, socket.gaierror) else "")
    return ""


def _why(none: NoAnswer) -> tuple[str, str]:
    """In one word why no answer came, and what was seen."""
    cause: BaseException | None = none.__cause__
    if cause is None:
        return "silent", none.what
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        error = cause.certificate_error
        said = getattr(error, "verify_message", "") or str(error)
        code = getattr(error, "verify_code", 0)
        return {10: "tls-expired", 9: "tls-expired", 62: "tls-name", 64: "tls-name"}.get(
            code, "tls-authority"
        ), said
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return "unknown-host", ""
    if isinstance(cause, aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return "no-tls", ""
    if isinstance(cause, aiohttp.ClientConnectorError):
        number = cause.os_error.errno
        return ("refused" if number == errno.ECONNREFUSED else "unreachable"), ""
    if isinstance(
        cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | aiohttp.ClientResponseError
    ):
        return "reset", ""
    return "broken", none.what


async def _nothing() -> None:
    return None

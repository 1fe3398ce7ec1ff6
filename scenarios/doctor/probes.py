"""One harmless question to each address: nothing is created, nobody is subscribed. An edge.

What is asked for: log-ins, empty packets (refused for their form), a hub's answer to no request, key
documents, an identity that nobody has.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from bridge.calls.channels import Channels
from bridge.country.people import PersonAsked
from bridge.errors import BridgeError
from bridge.mosip.addresses import foreign
from bridge.mosip.certificates import Keys
from bridge.mosip.verification import Unavailable, Verification
from scenarios.doctor.agreement import alias, origins, public
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.probe_answers import ProbeAnswer, ProbeResults, unanswered
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.addresses import host_of, is_loopback, origin_of
from wire.http.client import HttpClient, NoAnswer
from wire.mosip import auth
from wire.opencrvs import grants, trpc
from wire.opencrvs.profiles import Profile
from wire.world import World

SECONDS = 5.0
NOBODY = PersonAsked("0000000000", "1900-01-01", "Nobody", None)
JSON = {"Content-Type": "application/json"}
_FORMS = f"/events{trpc.query_url('event.config.get')}"
_FORM = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}
_QUESTIONS: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "hub_url": ("POST", "", {**_FORM, "body": b"hub.mode=none"}),
    "esignet_token_url": ("POST", "", {**_FORM, "body": b"grant_type=none"}),
    "esignet_jwks_url": ("GET", "", {}),
    "esignet_userinfo_url": ("GET", "", {}),
    "public_key_url": ("GET", "", {"follow": True}),
    "gateway_url": ("GET", _FORMS, {}),
}
"""What is asked at an address, whatever else is known: method, path below it, and more."""


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
                self._mosip(), self._keys(), self._opencrvs(), self._ida(), self._callback(callback or ""),
                *(
                    self._say(name, method, f"{getattr(self._settings, name)}{path}", **more)
                    for name, (method, path, more) in _QUESTIONS.items()
                    if self._wanted(name)
                ),
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
            return unanswered(none)

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
        if not self._wanted("callback_url"):
            return
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
            verification = Verification(settings, self._world, Channels(self._world), Keys(settings))
            self.facts.said[what] = ProbeAnswer(await verification.ask(NOBODY))
        except Unavailable as down:  # what was missing is its cause
            self.facts.said[what] = unanswered(cast(NoAnswer, down.__cause__))
        except (BridgeError, OSError, ValueError) as error:
            self.facts.said[what] = ProbeAnswer(None, "own", type(error).__name__)
        finally:
            if verification is not None:
                await verification.peer.close()

    # OpenCRVS

    async def _opencrvs(self) -> None:
        settings = self._settings
        questions: list[Awaitable[Any]] = []
        if self._program is ProgramKind.BRIDGE and self._wanted("auth_url"):
            for what, grant in (("client", grants.CLIENT_CREDENTIALS), ("exchange", grants.EXCHANGE)):
                questions.append(self._grant(f"grant {what}", {"grant_type": grant}, Profile.V2_0))
            if settings.client_id and settings.client_secret is not None:
                secret = settings.client_secret.get_secret_value()
                questions.append(self._client_token(grants.credentials(settings.client_id, secret)))
        await asyncio.gather(*questions)

    async def _grant(self, what: str, form: Mapping[str, str], profile: Profile) -> str | None:
        """The token, if one was given."""
        url, headers, body = grants.posted(self._settings.auth_url, form, profile)
        said = await self._call("POST", url, headers=headers, body=body)
        found = said.answer is not None and said.answer.status == 200 and grants.given(said.content)
        if found or what not in self.facts.said:
            self.facts.said[what] = said
        return found or None

    async def _client_token(self, form: Mapping[str, str]) -> None:
        token = await self._grant("client", form, Profile.V2_0) or await self._grant(
            "client", form, Profile.V1_9
        )
        if token is None:
            return
        self.facts.tokens["client"] = token
        if self._wanted("gateway_url"):
            target = f"{self._settings.gateway_url}{_FORMS}"
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

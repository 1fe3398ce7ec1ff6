"""One message at a server that somebody is working on: as OpenCRVS, or as the ID system's hub, sends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aiohttp import web

from mock_opencrvs import app as mock_opencrvs
from mock_opencrvs.settings import Settings
from scenarios.stage.actors.stranger import Stranger
from scenarios.stage.calling import caller
from scenarios.stage.pace import RealPace
from scenarios.stage.setup import registrar_at
from scenarios.stage.timeline import Timeline
from testbed.journal import Journal
from wire.http.client import Reply
from wire.http.listening import listen
from wire.mosip import hub
from wire.world import World


class SingleMessage(StrEnum):
    """What can be sent. `register` is OpenCRVS's question; the others are deliveries of the hub."""

    REGISTER = "register"
    ISSUED = "issued"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    FORGED = "forged"
    RECORDED = "recorded"


@dataclass(frozen=True)
class Sent:
    """What was sent, and how it was answered: status None and the reason when nobody did."""

    what: str
    status: int | None
    answer: str

    @property
    def taken(self) -> bool:
        return self.status is not None and self.status < 300


async def ask_to_register(
    to: str, *, profile: str, gateway_port: int, auth_port: int, keys: Path, world: World
) -> list[Sent]:
    """OpenCRVS asks about a birth: signed, with the whole document. Only this one message reaches `to`."""
    aside = web.Application()
    aside.router.add_post("/trigger/events/{event}/actions/{action}", _yes)
    quiet = await listen(aside, "127.0.0.1", 0, "")
    settings = Settings(
        gateway_port=gateway_port,
        auth_port=auth_port,
        keys=keys,
        profile=profile,
        country_config_url=quiet.url,
    )
    running = await mock_opencrvs.start(settings, world)
    try:
        async with registrar_at(running, world, RealPace(world)) as registrar:
            birth = await registrar.declares_birth()
            running.point_at(to.rstrip("/"))
            before = len(running.journal)
            await registrar.registers(birth)
            return _asked(running.journal, before, birth.event_id)
    finally:
        await running.close()
        await quiet.close()


async def _yes(request: web.Request) -> web.Response:
    return web.json_response({})


def _asked(journal: Journal, before: int, event_id: str) -> list[Sent]:
    asked = [one for one in journal.after(before) if one.operation.startswith("trigger.")]
    what = f"the question about the birth {event_id}"
    return [Sent(what, one.status, one.response or one.note) for one in asked]


async def deliver(
    step: SingleMessage,
    to: str,
    *,
    packet: str,
    number: str,
    secret: str,
    issuer: str,
    keys: Path,
    body: bytes | None,
    world: World,
) -> list[Sent]:
    """The hub says something about a packet. `body`: a recorded delivery, signed anew and replayed."""
    async with caller(world) as line:
        hub_of = Stranger(Timeline(world, RealPace(world), lambda event: None), line, to, keys, issuer)

        async def credential(secret: str) -> Reply:
            return await hub_of.sends_credential(
                packet, certificate_number=number, secret=secret, issuers_proof=True
            )

        match step:
            case SingleMessage.RECORDED:
                sent = body or b""
                reply = await hub_of.repeats((sent, hub.signature(secret, sent)), packet)
                return [_sent("the recorded delivery", reply)]
            case SingleMessage.REJECTED:
                return [_sent("a rejection", await hub_of.sends_rejection(packet, secret=secret))]
            case SingleMessage.FORGED:
                return [_sent("a credential, signed with another secret", await credential(f"not {secret}"))]
            case SingleMessage.DUPLICATE:
                first = await credential(secret)
                second = await hub_of.repeats(hub_of.last, packet)
                return [_sent("a credential", first), _sent("the same credential again", second)]
            case _:
                return [_sent("a credential", await credential(secret))]


def _sent(what: str, reply: Reply) -> Sent:
    return Sent(what, reply.status, reply.text)

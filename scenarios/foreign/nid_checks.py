"""What is asked of a foreign ID system beside the library's stories."""

from __future__ import annotations

import json

from bridge.calls.channels import Channels
from bridge.country.people import PersonAsked
from bridge.mosip.certificates import Keys
from bridge.mosip.verification import Unavailable, Verification
from scenarios.events import Exchanged
from scenarios.foreign.checklist import Checklist
from scenarios.foreign.conduct import BridgeCall, trouble
from scenarios.foreign.nid import NidStage
from scenarios.stage.stage import days
from scenarios.story import Actor, Need, Unmet
from wire.http.client import HttpClient, NoAnswer
from wire.mosip import envelope
from wire.redaction import redact_body

NID_CHECKS = Checklist("ID system", "nid")
_WRONG_SECRET = "not-the-secret-0000"


@NID_CHECKS.check(
    title="The auth manager lets our clients in, and nobody with a wrong secret",
    learns="MOSIP answers most failed log-ins with HTTP 200 or 500 and an error in the body: only the token "
    "tells.",
    good="Gives a token for the right secret, and none for a wrong one.",
    means="The client ids or secrets are wrong (MOSIP_PACKET_AUTH_CLIENT_ID, MOSIP_WEBSUB_AUTH_CLIENT_ID and "
    "…_SECRET), or the log-in does not check them.",
)
async def nid_log_in(stage: NidStage) -> None:
    settings = stage.seen.settings
    clients = {
        settings.packet_client_id: settings.packet_client_secret,
        settings.websub_client_id: settings.websub_client_secret,
    }
    for client, secret in clients.items():
        wrong = await _log_in(stage, client, secret.get_secret_value())
        await stage.check(f"{client} gets a token", wrong is None, wrong or "", shows="MOSIP-AUT-01")
        wrong = await _log_in(stage, client, _WRONG_SECRET)
        await stage.check(
            f"{client} gets none with a wrong secret", wrong is not None, "a token came", shows="MOSIP-AUT-02"
        )


async def _log_in(stage: NidStage, client: str, secret: str) -> str | None:
    """One log-in; what is wrong with the answer, None when a token came."""
    settings, clock = stage.seen.settings, stage.world.clock
    asked = {"clientId": client, "secretKey": secret, "appId": settings.mosip_app_id}
    body = json.dumps(envelope.request_envelope(asked, now=clock.now(), metadata={})).encode()
    headers = {"Content-Type": "application/json"}
    peer = HttpClient("auth manager", stage.world, settings.call_seconds)
    try:
        answer = await peer.call("POST", settings.mosip_auth_url, headers=headers, body=body)
        call = BridgeCall(clock.now(), "auth.token", "", body, answer.status, answer.body, answer.headers)
    except NoAnswer as down:
        call = BridgeCall(clock.now(), "auth.token", "", body, None, note=str(down))
    finally:
        await peer.close()
    stage.timeline.listener(
        Exchanged(
            call.at,
            Actor.BRIDGE,
            Actor.NID,
            f"asks for a token as {client}",
            call.status,
            request=redact_body(body),
            response=redact_body(call.answer),
            note=call.note,
        )
    )
    return trouble(call)


@NID_CHECKS.check(
    title="A birth is taken, an identity is issued, and the birth is registered",
    learns="The whole way once, in the ID system's own time: packet, processing, credential, confirmation.",
    good="Takes the packet, and delivers a credential that can be believed.",
    means="The ID system takes no packets of ours, or what it delivers does not complete a registration. The "
    "promises above say which step it was.",
)
async def nid_issues(stage: NidStage) -> None:
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
    await stage.until("the ID system has the packet", lambda: bool(stage.packets_of(birth)), within=days(1))
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    await stage.check("with a national ID", bool(await birth.national_id()))


@NID_CHECKS.check(
    title="ID authentication tells the right person from the wrong one",
    learns="The parents of a child are checked against the ID system. A partner that is not set up well gets "
    "errors, and never a verdict.",
    good="Says yes to a known person with the right name, and no to the same number with another name.",
    means="Partner id, API key, MISP licence key, certificates or the address are not set up "
    "(PARTNER_ID, PARTNER_APIKEY, PARTNER_MISP_LK, SIGN_P12_FILE_PATH, ENCRYPT_CERT_PATH, IDA_AUTH_URL), or "
    "ID authentication does not compare names.",
    needs=(Need.PERSON,),
)
async def nid_authenticates(stage: NidStage) -> None:
    person = stage.person
    settings = stage.seen.settings
    verification = Verification(settings, stage.world, Channels(stage.world), Keys(settings))
    try:
        for name, expected in ((person.name, True), ("Nobody Ofthatname", False)):
            said = await verification.verify(PersonAsked(person.number, person.born, name, None))
            await stage.check(
                f"with the {'right' if expected else 'wrong'} name the person is "
                f"{'verified' if expected else 'failed'}",
                said.verified is expected,
                " ".join(said.reasons) or "verified",
                shows="MOSIP-IDA-01",
            )
    except Unavailable as unavailable:
        raise Unmet(f"expected: ID authentication gives a verdict; seen: {unavailable}") from unavailable
    finally:
        await verification.peer.close()

"""What is asked of MOSIP: packets (asynchronous) and the identity API (synchronous).

Contract mosip §2 (packet manager), §3 (workflow, status), §5.7 (acknowledgement), §7 (id repository).
Every failure inside an HTTP 200 is seen: errors arrays, a null response, the hub's `hub.mode=denied`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from bridge.country.folder import schema_of
from bridge.failure import Failure, FailureKind, by_status
from bridge.mosip.answers import (
    NO_CODE,
    content_of,
    envelope_of,
    faults_of,
    hub_failure,
    is_mosips,
    refuse,
    response_of,
    uin_of,
)
from bridge.mosip.login import Login
from bridge.nid import Answer, Done, NidDown, NidRefused, No, NotYet, Yes
from bridge.registration import PacketContent, Registration
from bridge.settings import Settings
from wire.http.client import HttpClient
from wire.mosip import envelope, events, hub, identifiers, packets, workflow
from wire.redaction import hide
from wire.world import World

_FAILED = ("REREGISTER", "RESEND", "REPROCESS_FAILED")


class MosipClient:
    """Every call has a time limit and raises NidDown or NidRefused."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._settings, self._world = settings, world
        self.peer = HttpClient(
            "MOSIP",
            world,
            settings.call_seconds,
            connections=max(32, settings.concurrency * 2),
            ca_file=settings.ca_file,
        )
        self._packets = self._login(
            settings.packet_client_id, settings.packet_client_secret.get_secret_value()
        )
        self.hub = self._login(settings.websub_client_id, settings.websub_client_secret.get_secret_value())

    def _login(self, client: str, secret: str) -> Login:
        settings = self._settings
        return Login(self.peer, self._world, settings.mosip_auth_url, settings.mosip_app_id, client, secret)

    def new_packet_id(self) -> str:
        """29 digits, centre and machine first; the other 19 are drawn, so that nobody can guess
        them (§7.4).
        """
        settings, chance = self._settings, self._world.chance
        if settings.packet_id_style == "prefix":
            return settings.transaction_id_prefix + chance.digits(10)
        return f"{settings.center_id:0>5}{settings.machine_id:0>5}{chance.digits(19)}"

    # -- packets ------------------------------------------------------------------------------------

    async def submit(
        self, registration: Registration, packet: PacketContent, created: Callable[[], Awaitable[None]]
    ) -> None:
        """As IdSystem.submit."""
        # a crash between the two calls creates the packet again: it is overwritten, and nothing runs before
        # the workflow instance, of which there can be only one
        if registration.step != "created":
            await self._create(registration, packet)
        try:
            await self._process(registration, packet)
        except (NidDown, NidRefused):
            await created()
            raise

    async def _create(self, registration: Registration, packet: PacketContent) -> None:
        settings, now = self._settings, self._world.clock.now()
        packet = await self._with_uins(packet)
        body = packets.create_packet(
            packet_id=registration.packet_id,
            process=registration.process,
            fields=packet.fields,
            now=now,
            audits=packet.audits or [packets.make_audit(registration.packet_id, now, registration.id)],
            meta_info=packet.meta_info or None,
            source=settings.packet_source,
            schema_version=settings.schema_version,
            schema_json=packet.schema_json or schema_of(settings.country),
            centre=settings.center_id,
            machine=settings.machine_id,
            officer=settings.officer_id,
        )
        answer = await self._packets.call("PUT", settings.create_packet_url, body=body)
        content = content_of(answer, "createPacket")
        if not packets.created(content):
            # packet manager logs most of its own exceptions and answers 200 with a null response (§2.4)
            raise NidDown("createPacket: HTTP 200 without a packet (the ID system swallowed an error)")

    async def _with_uins(self, packet: PacketContent) -> PacketContent:
        """The packet with UINs where records hold VIDs (§15 row 5: a VID is never sent as UIN)."""
        fields = dict(packet.fields)
        for name in ("UIN", "introducerUIN"):
            number = fields.get(name, "")
            if len(number) != identifiers.VID_LENGTH:
                continue
            uin = await self._uin_of_vid(number)
            if uin is not None:
                fields[name] = uin
            elif name == "UIN":
                raise NidRefused("IDR-IDC-007", "the VID of the record is not known, or not active")
            else:
                del fields[name]
        return replace(packet, fields=fields)

    async def _uin_of_vid(self, vid: str) -> str | None:
        """The UIN behind an active VID (§7.2); None when there is none."""
        answer = await self._packets.call("GET", f"{self._settings.vid_url}/{quote(vid)}")
        try:
            content = content_of(answer, "UIN of a VID")
        except NidRefused:
            return None
        uin = response_of(content, "UIN of a VID", dict).get("UIN")
        hide(str(uin))
        return uin if isinstance(uin, str) and uin else None

    async def _process(self, registration: Registration, packet: PacketContent) -> None:
        notification = packet.notification
        body = workflow.workflow_instance(
            packet_id=registration.packet_id,
            process=registration.process,
            now=self._world.clock.now(),
            source=self._settings.packet_source,
            name=notification.get("name", ""),
            phone=notification.get("phone", ""),
            email=notification.get("email", ""),
        )
        answer = await self._packets.call("POST", self._settings.process_packet_url, body=body)
        content = content_of(answer, "workflowinstance", done=frozenset({workflow.ALREADY_PRESENT.code}))
        if content is not None and workflow.instance_id(content) is None:
            raise NidDown("workflowinstance: HTTP 200 without a workflow instance")

    async def standing(self, packet_ids: Sequence[str]) -> dict[str, Answer | NotYet]:
        """By external status (§3.3); nothing where polling is off."""
        if not self._settings.status_url:
            return {}
        body = envelope.request_envelope(
            [{"registrationId": packet_id} for packet_id in packet_ids],
            now=self._world.clock.now(),
            id="mosip.registration.external.status",
            version="1.0",
        )
        answer = await self._packets.call("POST", self._settings.status_url, body=body)
        content = envelope_of(answer, "externalstatus")
        found: dict[str, Answer | NotYet] = dict.fromkeys(packet_ids, NotYet("ID system: RID Not Found"))
        items = content.get("response")
        if not isinstance(items, list):
            faults = envelope.errors_of(content)
            if faults and all(fault.registration_id for fault in faults):
                return found
            said, code = (faults[0], faults[0].code or NO_CODE) if faults else ("no response", "")
            raise NidDown(Failure(FailureKind.TRANSIENT, f"externalstatus: {said}", code))
        for item in items:
            if isinstance(item, Mapping) and item.get("registrationId") in found:
                code = str(item.get("statusCode"))
                found[item["registrationId"]] = _standing(code)
        return found

    async def why(self, packet_id: str) -> str | None:
        """The sub-status code of a failed packet (§3.4)."""
        if not self._settings.transaction_url:
            return None
        answer = await self._packets.call(
            "GET", f"{self._settings.transaction_url.rstrip('/')}/{quote(packet_id)}"
        )
        try:
            items = envelope.parse_body(answer.body).get("response")
        except envelope.EnvelopeBroken:
            return None
        if answer.status != 200 or not isinstance(items, list):
            return None
        codes = [str(item.get("subStatusCode")) for item in items if isinstance(item, Mapping)]
        return next((code for code in reversed(codes) if "FAILED" in code), None)

    async def recover(self, packet_id: str) -> str | None:
        """The UIN by RID (§7.1), then its VID when that is what the country records (§7.2)."""
        uin = await self._by_rid(packet_id)
        hide(uin)
        if uin is None or self._settings.national_id_key != "VID":
            return uin
        listed = await self._read(f"{self._settings.vid_url}/uin/{quote(uin)}", "VIDs of a UIN", list)
        vids = listed.get("response") if listed else None
        for item in vids if isinstance(vids, list) else []:
            kind = str(item.get("vidType", "")).lower() if isinstance(item, Mapping) else ""
            if kind == "perpetual" and isinstance(item.get("vid", item.get("VID")), str):
                return str(item.get("vid", item.get("VID")))
        return None

    async def _read(self, url: str, what: str, form: type) -> dict[str, Any] | None:
        """A GET at the id repository, whose response is of this form; None when there is no such record or it
        is not ours to see.
        """
        answer = await self._packets.call("GET", url)
        if answer.status in (403, 404) and any(map(is_mosips, faults_of(answer))):
            return None
        content = envelope_of(answer, what)
        try:
            refuse(envelope.errors_of(content), what)
        except NidRefused:
            return None
        response_of(content, what, form)
        return content

    # -- synchronous identity -----------------------------------------------------------------------

    async def ask_now(self, registration: Registration, packet: PacketContent) -> Answer:
        """A new identity, or the end of one; no other process may touch a person here."""
        try:
            match registration.process:
                case "CRVS_NEW":
                    return Yes(await self._create_identity(registration, packet))
                case "CRVS_DEATH":
                    await self._deactivate(registration, packet)
                    return Done("the ID system said yes")
        except NidRefused as refused:
            return No(refused.code)
        raise NidDown(f"identity: MOSIP is not asked synchronously about {registration.process}")

    async def _create_identity(self, registration: Registration, packet: PacketContent) -> str:
        if (known := await self._known(registration)) is not None:
            return known
        generated = content_of(await self._packets.call("GET", self._settings.uin_url), "UIN generator")
        response = generated.get("response") if generated else None
        uin = response.get("uin") if isinstance(response, Mapping) else None
        hide(str(uin))
        if not isinstance(uin, str) or not uin:
            raise NidDown("UIN generator: HTTP 200 without a UIN")
        packet = await self._with_uins(packet)
        fields = {name: _plain(value) for name, value in packet.fields.items()}
        identity = {**fields, "UIN": uin, "IDSchemaVersion": float(self._settings.schema_version)}
        body = self._identity_request("mosip.id.create", registration, {"identity": identity})
        answer = await self._packets.call("POST", self._settings.identity_url + "/", body=body)
        content = envelope_of(answer, "identity")
        faults = envelope.errors_of(content)
        if any(fault.code == "IDR-IDC-012" for fault in faults):
            # an earlier try of ours got through although its answer was lost
            if (known := await self._by_rid(registration.packet_id)) is not None:
                return known
            raise NidDown("identity: the record exists already, but cannot be read")
        refuse(faults, "identity")
        return uin

    async def _known(self, registration: Registration) -> str | None:
        """The UIN of an earlier try of this registration."""
        if registration.attempts == 0 and registration.step is None:
            return None
        return await self._by_rid(registration.packet_id)

    async def _by_rid(self, packet_id: str) -> str | None:
        url = f"{self._settings.identity_url}/idvid/{quote(packet_id)}?type=demo"
        return uin_of(await self._read(url, "identity by RID", dict))

    async def _deactivate(self, registration: Registration, packet: PacketContent) -> None:
        try:
            packet = await self._with_uins(packet)
        except NidRefused as unknown:
            if unknown.code == "IDR-IDC-007" and self._settings.death_unknown == "register":
                return
            raise
        identity = {
            "UIN": packet.fields.get("UIN", ""),
            "IDSchemaVersion": float(self._settings.schema_version),
        }
        body = self._identity_request(
            "mosip.id.update", registration, {"status": "DEACTIVATED", "identity": identity}
        )
        answer = await self._packets.call("PATCH", self._settings.identity_url + "/", body=body)
        faults = envelope.errors_of(envelope_of(answer, "identity"))
        if any(fault.code == "IDR-IDC-012" for fault in faults):
            return
        if self._settings.death_unknown == "register" and any(f.code == "IDR-IDC-007" for f in faults):
            return
        refuse(faults, "identity")

    def _identity_request(
        self, id: str, registration: Registration, content: dict[str, Any]
    ) -> dict[str, Any]:
        request = {"registrationId": registration.packet_id, **content}
        return envelope.request_envelope(request, now=self._world.clock.now(), id=id, version="v1")

    # -- hub ----------------------------------------------------------------------------------------

    async def acknowledge(self, request_id: str) -> None:
        """Tell the issuer that its credential is stored (§5.7)."""
        settings = self._settings
        if not settings.acknowledge_topic:
            return
        body = events.credential_status_update(
            publisher=settings.partner_id,
            event_id=self._world.chance.uuid(),
            request_id=request_id,
            now=self._world.clock.now(),
            status="STORED",
            topic=settings.acknowledge_topic,
        )
        url = f"{settings.hub_url}?{hub.publish_query(settings.acknowledge_topic)}"
        answer = await self.hub.call("POST", url, body=body)
        if (failure := hub_failure(answer, "acknowledgement")) is not None:
            raise NidDown(failure)

    async def fetch_share(self, url: str) -> bytes:
        """A credential that is shared by link."""
        answer = await self.hub.call("GET", url)
        if answer.status != 200:
            failure = by_status("data share", answer.status, answer.wait)
            gone = answer.status in (404, 410)  # of this link, which may only be late
            raise NidDown(replace(failure, kind=FailureKind.TRANSIENT) if gone else failure)
        return answer.body

    async def close(self) -> None:
        await self.peer.close()


def _standing(status: str) -> Answer | NotYet:
    """What an external status means."""
    said = f"ID system: {status}"
    if status == "UIN_GENERATED":
        return Done()
    if status == "REJECTED" or status in _FAILED:
        return No("PACKET_REJECTED" if status == "REJECTED" else "PACKET_FAILED", said)
    return NotYet(said)


def _plain(value: str) -> Any:
    """A packet's language value as the identity API wants it: an array, not its JSON text."""
    return json.loads(value) if value.startswith("[{") else value

"""MOSIP's ID repository (contract mosip §7): whose number is whose; identities made, ended synchronously."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from bridge.mosip.answers import content_of, envelope_of, faults_of, is_mosips, refuse, response_of
from bridge.mosip.login import Login
from bridge.nid import Answer, Done, NidDown, NidRefused, No, Yes
from bridge.registration import PacketContent, Registration
from bridge.settings import Settings
from wire.mosip import envelope, identifiers
from wire.redaction import hide
from wire.world import World


class Identities:
    """Under the log-in of the client of packets. NidDown, NidRefused."""

    def __init__(self, settings: Settings, world: World, login: Login) -> None:
        self._settings, self._world, self._login = settings, world, login

    async def with_uins(self, packet: PacketContent) -> PacketContent:
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
        answer = await self._login.call("GET", f"{self._settings.vid_url}/{quote(vid)}")
        try:
            content = content_of(answer, "UIN of a VID")
        except NidRefused:
            return None
        uin = response_of(content, "UIN of a VID", dict).get("UIN")
        hide(str(uin))
        return uin if isinstance(uin, str) and uin else None

    async def recover(self, packet_id: str) -> str | None:
        """The UIN by RID (§7.1), then its VID when that is what the country records (§7.2)."""
        uin = await self._by_rid(packet_id)
        hide(uin)
        if uin is None or self._settings.national_id_key != "VID":
            return uin
        url = f"{self._settings.vid_url}/uin/{quote(uin)}"
        for item in await self._read(url, "VIDs of a UIN", list) or []:
            kind = str(item.get("vidType", "")).lower() if isinstance(item, Mapping) else ""
            if kind == "perpetual" and isinstance(item.get("vid", item.get("VID")), str):
                return str(item.get("vid", item.get("VID")))
        return None

    async def _read(self, url: str, what: str, form: type) -> Any:
        """The response of a GET at the id repository, of this form; None when there is no such record or it
        is not ours to see.
        """
        answer = await self._login.call("GET", url)
        if answer.status in (403, 404) and any(map(is_mosips, faults_of(answer))):
            return None
        content = envelope_of(answer, what)
        try:
            refuse(envelope.errors_of(content), what)
        except NidRefused:
            return None
        return response_of(content, what, form)

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
        generated = content_of(await self._login.call("GET", self._settings.uin_url), "UIN generator")
        uin = response_of(generated, "UIN generator", dict).get("uin")
        hide(str(uin))
        if not isinstance(uin, str) or not uin:
            raise NidDown("UIN generator: HTTP 200 without a UIN")
        packet = await self.with_uins(packet)
        identity = {
            **identity_of(packet.fields),
            "UIN": uin,
            "IDSchemaVersion": float(self._settings.schema_version),
        }
        body = self._identity_request("mosip.id.create", registration, {"identity": identity})
        answer = await self._login.call("POST", self._settings.identity_url + "/", content=body)
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
        identity = (await self._read(url, "identity by RID", dict) or {}).get("identity")
        uin = identity.get("UIN") if isinstance(identity, Mapping) else None
        return uin if isinstance(uin, str) and uin else None

    async def _deactivate(self, registration: Registration, packet: PacketContent) -> None:
        try:
            packet = await self.with_uins(packet)
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
        answer = await self._login.call("PATCH", self._settings.identity_url + "/", content=body)
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


def identity_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """A packet's fields as the identity APIs want them: arrays, not their JSON text; the version a number."""

    def plain(name: str, text: str) -> Any:
        if name == "IDSchemaVersion":
            return float(text)
        return json.loads(text) if text.startswith("[{") else text

    return {name: plain(name, text) for name, text in fields.items()}

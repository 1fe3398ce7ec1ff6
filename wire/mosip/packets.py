"""The packet that carries a registration to MOSIP: what a partner sends and what packet manager reads. Pure.

Source: contract mosip §2 (packet-manager `PacketDto`, `PacketWriter`), mediator `mosip-api.ts`.
Processing is started by another request, `wire.mosip.workflow`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wire.mosip import envelope, schema
from wire.mosip.encoding import to_base64url
from wire.mosip.envelope import EnvelopeFault
from wire.mosip.fields import FieldBroken
from wire.mosip.workflow import workflow_instance as workflow_instance
from wire.world import Chance, timestamp

RESPONSE_ID = "mosip.registration.packet.writer"
NO_PROVIDER = EnvelopeFault("KER-PUT-006", "No available provider for given source and process")


@dataclass(frozen=True)
class Packet:
    """A createPacket request as packet manager keeps it: all values are texts, none is validated."""

    id: str
    ref_id: str | None
    source: str
    process: str
    schema_version: str | None
    schema_json: str | None
    fields: Mapping[str, str]
    meta_info: Mapping[str, str]
    audits: tuple[Mapping[str, str], ...]
    documents: Mapping[str, Any] = field(default_factory=dict)


def create_packet(
    *,
    packet_id: str,
    process: str,
    fields: Mapping[str, Any],
    now: datetime,
    audits: Iterable[Mapping[str, Any]],
    meta_info: Mapping[str, Any] | None = None,
    source: str = "CRVS1",
    schema_version: str = "0.500",
    schema_json: str | None = None,
    centre: str = "10001",
    machine: str = "10004",
    officer: str = "crvs_officer",
) -> dict[str, Any]:
    """The body of `PUT /commons/v1/packetmanager/createPacket`.

    Lists and objects in `fields` and `meta_info` become JSON text, numbers and booleans text, None is left
    out. `meta_info` and `schema_json` default to `meta_info()` and the shipped ID schema. Packet manager
    swallows a packet without audits (§2.4), so at least one is asked for here: ValueError.
    """
    listed = [strings(audit) for audit in audits]
    if not listed:
        raise ValueError("a packet needs at least one audit: packet manager drops it silently without")
    if meta_info is None:
        meta_info = make_meta_info(packet_id, process, now, centre, machine, officer)
    request: dict[str, Any] = {
        "id": packet_id,
        "additionalInfoReqId": None,
        "refId": f"{centre}_{machine}",
        "offlineMode": False,
        "source": source,
        "process": str(process),
        "schemaVersion": schema_version,
        "schemaJson": schema_json if schema_json is not None else schema.text(),
        "fields": strings(fields),
        "metaInfo": strings(meta_info),
        "documents": {},
        "biometrics": {},
        "audits": listed,
    }
    return envelope.request_envelope(request, now=now)


def make_meta_info(
    packet_id: str,
    process: str,
    now: datetime,
    centre: str = "10001",
    machine: str = "10004",
    officer: str = "crvs_officer",
) -> dict[str, str]:
    """Meta info that passes the operator stage: it names an officer (§3.2 fails packets that name nobody)."""
    return strings(
        {
            "metaData": [
                {"label": "centerId", "value": centre},
                {"label": "machineId", "value": machine},
                {"label": "registrationType", "value": str(process)},
            ],
            "operationsData": [
                {"label": "officerId", "value": officer},
                {"label": "supervisorId", "value": None},
            ],
            "registrationId": packet_id,
            "creationDate": timestamp(now),
            "capturedRegisteredDevices": [],
        }
    )


def make_audit(packet_id: str, now: datetime, uuid: str) -> dict[str, str]:
    """One audit entry, the least that packet manager asks for."""
    return {
        "uuid": uuid,
        "createdAt": timestamp(now),
        "eventId": "REG-EVT-066",
        "eventName": "PACKET_CREATED",
        "eventType": "USER",
        "hostName": "crvs",
        "hostIp": "127.0.0.1",
        "applicationId": "REG",
        "applicationName": "REGISTRATION",
        "sessionUserId": "crvs",
        "sessionUserName": "crvs",
        "id": packet_id,
        "idType": "REGISTRATION_ID",
        "createdBy": "crvs",
        "moduleName": "Packet Handler",
        "moduleId": "REG-MOD-117",
        "description": "Packet created from a civil registration",
    }


def strings(values: Mapping[str, Any]) -> dict[str, str]:
    """Every value as the text that packet manager wants; None is left out."""
    return {name: _string(value) for name, value in values.items() if value is not None}


def read_packet(body: Any) -> Packet:
    """Parse createPacket's body as Jackson would; FieldBroken where Spring answers 400 (§2.2, §2.4)."""
    request = _object(_object(body, "body").get("request"), "request")
    audits, documents = request.get("audits"), request.get("documents")
    if audits is not None and not isinstance(audits, list):
        raise FieldBroken("request.audits", "a list is due")
    for name, document in _records(request.get("documents"), "request.documents").items():
        _texts(document, f"request.documents.{name}")
    _records(request.get("biometrics"), "request.biometrics")
    _check_flag(request.get("offlineMode"), "request.offlineMode")
    return Packet(
        id=_scalar(request.get("id"), "request.id") or "",
        ref_id=_scalar(request.get("refId"), "request.refId"),
        source=_scalar(request.get("source"), "request.source") or "",
        process=_scalar(request.get("process"), "request.process") or "",
        schema_version=_scalar(request.get("schemaVersion"), "request.schemaVersion"),
        schema_json=_scalar(request.get("schemaJson"), "request.schemaJson"),
        fields=_texts(request.get("fields"), "request.fields"),
        meta_info=_texts(request.get("metaInfo"), "request.metaInfo"),
        audits=tuple(_texts(entry, f"request.audits[{at}]") for at, entry in enumerate(audits or [])),
        documents=dict(documents or {}),
    )


def swallowed_fault(packet: Packet) -> EnvelopeFault | None:
    """What makes packet manager answer 200 with `response: null` and no error (§2.4), if anything."""
    if not packet.audits:
        return EnvelopeFault("KER-KPM-008", "Registration audits is empty")
    if schema.parse(packet.schema_json) is None:
        return EnvelopeFault("KER-KPM-002", "the ID schema cannot be parsed")
    try:
        float(packet.schema_version or "")
    except ValueError:
        return EnvelopeFault("KER-KPM-002", "schemaVersion is not a number")
    return None


def created_packets(packet: Packet, now: datetime, chance: Chance) -> list[dict[str, Any]]:
    """The `response` list of createPacket: an entry for each sub-packet that the schema asks for."""
    version = str(float(packet.schema_version or "0"))
    return [
        {
            "id": packet.id,
            "packetName": f"{packet.id}_{name}",
            "source": packet.source,
            "process": packet.process,
            "refId": packet.ref_id,
            "schemaVersion": version,
            "signature": _token(chance, 256),
            "encryptedHash": _token(chance, 32),
            "providerName": "PacketWriterImpl",
            "providerVersion": "v1.0",
            "creationDate": timestamp(now),
        }
        for name in schema.subpackets(packet.schema_json)
    ]


def created(body: Any) -> list[Mapping[str, Any]]:
    """The sub-packets in createPacket's answer; an empty list means that the packet was swallowed (§2.4).

    Raises EnvelopeBroken for anything but an object. Ask `envelope.errors_of` first.
    """
    if not isinstance(body, Mapping):
        raise envelope.EnvelopeBroken("the answer is not a JSON object")
    response = body.get("response")
    return [item for item in response if isinstance(item, Mapping)] if isinstance(response, list) else []


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FieldBroken(path, "an object is due")
    return value


def _scalar(value: Any, path: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise FieldBroken(path, "a text is due, not a list or an object (write it as JSON text)")
    return _string(value)


def _records(value: Any, path: str) -> Mapping[str, Any]:
    """Objects by name; null stands for none."""
    held = _object({} if value is None else value, path)
    return {name: _object(entry, f"{path}.{name}") for name, entry in held.items() if entry is not None}


def _check_flag(value: Any, path: str) -> None:
    """What Jackson reads as a boolean: also a whole number, and the words."""
    words = (None, "", "true", "True", "TRUE", "false", "False", "FALSE")
    if not isinstance(value, int) and value not in words:
        raise FieldBroken(path, "true or false is due")


def _texts(value: Any, path: str) -> dict[str, str]:
    held = _object(value if value is not None else {}, path)
    read = {name: _scalar(entry, f"{path}.{name}") for name, entry in held.items()}
    return {name: entry for name, entry in read.items() if entry is not None}


def _token(chance: Chance, count: int) -> str:
    return to_base64url(chance.bytes(count))

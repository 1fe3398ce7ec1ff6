"""One look at the systems as the page shows it: records in their places, lines, queues. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from scenarios.console.positions import abilities, identity_change, place, shown
from scenarios.console.reading import SystemsView
from scenarios.console.steps import Known
from testbed.faults import Fault, FaultKind
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile
from wire.opencrvs.state import registration_number

Json = dict[str, Any]

OPENCRVS_LINE = ("trigger", "accept", "reject", "well-known", "token")
"""Seams of the mock OpenCRVS that lie on its line to the bridge; `trigger` is the call out."""


def picture(
    look: SystemsView, profile: Profile, queues: list[Json], answers: str, asking: Collection[str] = ()
) -> Json:
    """The page's whole state.

    `answers`: `ask` when packets wait for a person, `itself` otherwise. `asking`: records whose registrar
    waits at the screen right now.
    """
    return {
        "at": look.now,
        "profile": str(profile),
        "kit": version("opencrvs-nid-rehearsal"),
        "answers": answers,
        "systems": {"opencrvs": True, "bridge": look.entries is not None, "nid": True},
        "lines": {name: line_state(name, look.faults.get(name, [])) for name in ("opencrvs", "nid")},
        "records": [
            record_row(document, profile, look, asking=document["id"] in asking) for document in look.records
        ],
        "cases": [
            {"number": case["number"], "wish": case["wish"], "who": case["name"] or ""}
            for case in look.cases
            if not case["decision"]
        ],
        "queues": queues,
    }


def record_row(document: EventDocument, profile: Profile, look: SystemsView, *, asking: bool) -> Json:
    """One record with its place, what the registrar sees of it, and what can be done."""
    seen = shown(document, profile)
    entry = next((one for one in look.entries or () if one.get("eventId") == document["id"]), None)
    packet = packet_of(document, entry, look.packets)
    wish = identity_change(document["type"], seen, packet, look.cases)
    where = place(seen, entry, packet, bridge_known=look.entries is not None, asking=asking)
    return {
        "id": document["id"],
        "type": document["type"],
        "tracking": document["trackingId"],
        "name": seen.name,
        "status": seen.status,
        "flags": list(seen.flags),
        "at": where.at,
        "stage": where.stage,
        "alarm": where.alarm,
        "number": seen.number,
        "nationalId": seen.national_id,
        "reason": seen.reason if where.stage == "rejected" else None,
        "can": [*abilities(seen, where, entry, packet), *([f"ask-{wish}"] if wish else ())],
        "packet": packet["registrationId"] if packet else None,
        "bridge": None
        if entry is None
        else {
            "id": entry["id"],
            "state": entry["state"],
            "reason": entry.get("reason"),
            "advice": entry.get("advice"),
            "error": entry.get("lastError"),
            "remedies": list(entry.get("remedies") or ()),
        },
    }


def packet_of(document: EventDocument, entry: Json | None, packets: Iterable[Json]) -> Json | None:
    """The newest packet about this record: by the bridge's packet id, or by the registration number."""
    found, own = None, registration_number(document)
    for packet in packets:
        number = packet.get("certificateNumber") or ""
        same = entry is not None and packet["registrationId"] == entry.get("packetId")
        if same or (number and (number == own or number.endswith(document["trackingId"]))):
            found = packet
    return found


def line_state(mock: str, faults: Iterable[Fault]) -> str:
    """`cut` while a fault without end lies on the line to the bridge, `whole` otherwise."""
    lasting = {fault.seam for fault in faults if fault.count is None}
    marks = {"trigger", "accept"} if mock == "opencrvs" else {"packet.create", "hub.deliver"}
    return "cut" if marks & lasting else "whole"


def faults_of_a_cut(mock: str, seams: Mapping[str, Collection[FaultKind]]) -> list[Fault]:
    """The faults that cut the line to the bridge: calls in are reset, calls out are lost."""
    faults = []
    for name, kinds in seams.items():
        if mock == "opencrvs" and name not in OPENCRVS_LINE:
            continue
        for kind in (FaultKind.LOSE, FaultKind.RESET):
            if kind in kinds:
                faults.append(Fault(name, kind, count=None))
                break
    return faults


def known(look: SystemsView, before: Known) -> Known:
    """What the ids in the journals mean, with what was known before."""
    names = dict(before.names)
    for document in look.records:
        seen = shown(document, Profile.V2_0)
        aliases = [document["id"], document["trackingId"], seen.number]
        aliases += [action["id"] for action in document["actions"]]
        for entry in look.entries or []:
            if entry.get("eventId") == document["id"]:
                aliases += [entry.get(name) for name in ("packetId", "number", "id")]
        if (packet := packet_of(document, None, look.packets)) is not None:
            aliases += [packet["registrationId"], packet.get("certificateNumber")]
        names |= dict.fromkeys(filter(None, aliases), (document["id"], seen.name))
    return Known(names)

"""One look at the systems as the page shows it: records in their places, lines, queues. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from scenarios.console.positions import abilities, identity_change, place, shown
from scenarios.console.reading import SystemsView
from scenarios.console.steps import Known
from scenarios.console.systems import Systems
from wire.opencrvs.profiles import Profile

Json = dict[str, Any]

OPENCRVS_LINE = ("trigger", "accept", "reject", "well-known", "token")
"""Seams of the mock OpenCRVS that lie on its line to the bridge; `trigger` is the call out."""


def picture(
    look: SystemsView, systems: Systems, queues: list[Json], answers: str, asking: Collection[str] = ()
) -> Json:
    """The page's whole state.

    `answers`: `ask` when packets wait for a person, `itself` otherwise. `asking`: records whose registrar
    waits at the screen right now.
    """
    packets, entries = look.packets or [], look.entries or []
    return {
        "at": look.now,
        "profile": str(systems.profile),
        "kit": version("opencrvs-nid-rehearsal"),
        "answers": answers,
        "abilities": {
            "restart": systems.restart_bridge is not None,
            "clock": systems.advance is not None,
            "operator": systems.mediator is not None,
            "afresh": systems.renew_bridge is not None,
        },
        "systems": {
            "opencrvs": look.records is not None,
            "bridge": look.entries is not None,
            "nid": look.packets is not None,
        },
        "lines": {name: line_state(name, look.faults.get(name, [])) for name in ("opencrvs", "nid")},
        "records": [
            record_row(
                row,
                systems.profile,
                entries,
                packets,
                look.cases,
                bridge_known=look.entries is not None,
                asking=row["id"] in asking,
            )
            for row in look.records or []
        ],
        "cases": [
            {"number": case["number"], "wish": case["wish"], "who": case["name"] or ""}
            for case in look.cases
            if not case["decision"]
        ],
        "queues": queues,
    }


def record_row(
    row: Mapping[str, Any],
    profile: Profile,
    entries: list[Json],
    packets: list[Json],
    cases: list[Json],
    *,
    bridge_known: bool,
    asking: bool = False,
) -> Json:
    """One record with its place, what the registrar sees of it, and what can be done."""
    seen = shown(row["document"], profile)
    entry = next((one for one in entries if one.get("eventId") == row["id"]), None)
    packet = packet_of(row, entry, packets)
    wish = identity_change(row["type"], seen, packet, cases)
    where = place(seen, entry, packet, bridge_known=bridge_known, asking=asking)
    return {
        "id": row["id"],
        "type": row["type"],
        "tracking": row["trackingId"],
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


def packet_of(row: Mapping[str, Any], entry: Json | None, packets: Iterable[Json]) -> Json | None:
    """The newest packet about this record: by the bridge's packet id, or by the registration number."""
    found = None
    for packet in packets:
        number = packet.get("certificateNumber") or ""
        same = entry is not None and packet["registrationId"] == entry.get("packetId")
        if same or (
            number and (number == row.get("registrationNumber") or number.endswith(row["trackingId"]))
        ):
            found = packet
    return found


def line_state(mock: str, faults: Iterable[Json]) -> str:
    """`cut` while a fault without end lies on the line to the bridge, `whole` otherwise."""
    lasting = {fault["seam"] for fault in faults if fault["count"] is None}
    marks = {"trigger", "accept"} if mock == "opencrvs" else {"packet.create", "hub.deliver"}
    return "cut" if marks & lasting else "whole"


def faults_of_a_cut(mock: str, seams: Mapping[str, Iterable[str]]) -> list[Json]:
    """The faults that cut the line to the bridge: calls in are reset, calls out are lost."""
    faults = []
    for name, kinds in seams.items():
        if mock == "opencrvs" and name not in OPENCRVS_LINE:
            continue
        for kind in ("lose", "reset"):
            if kind in kinds:
                faults.append({"seam": name, "kind": kind, "count": None})
                break
    return faults


def known(look: SystemsView, before: Known) -> Known:
    """What the ids in the journals mean, with what was known before."""
    names = dict(before.names)
    for row in look.records or []:
        document = row["document"]
        name = shown(document, Profile.V2_0).name
        for alias in (row["id"], row["trackingId"], row.get("registrationNumber")):
            if alias:
                names[alias] = (row["id"], name)
        for action in document["actions"]:
            names[action["id"]] = (row["id"], name)
        for entry in look.entries or []:
            if entry.get("eventId") == row["id"]:
                for alias in (entry.get("packetId"), entry.get("number"), entry.get("id")):
                    if alias:
                        names[alias] = (row["id"], name)
        packet = packet_of(row, None, look.packets or [])
        if packet is not None:
            names[packet["registrationId"]] = (row["id"], name)
            if packet.get("certificateNumber"):
                names[packet["certificateNumber"]] = (row["id"], name)
    return Known(names)

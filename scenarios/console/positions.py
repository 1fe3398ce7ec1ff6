"""Where a record is, who has to act next, and what OpenCRVS shows the registrar. Pure.

Three views are put side by side: the document in OpenCRVS, the bridge's row, the packet at the ID system.
Where they disagree, the record is where something has to happen next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from mock_opencrvs.families import spoken_name, subject_of
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

Json = Mapping[str, Any]

_ENDED = frozenset({"PROCESSED", "REJECTED", "FAILED"})


@dataclass(frozen=True)
class Shown:
    """What a registrar reads on the screen of OpenCRVS about one record."""

    status: str
    flags: tuple[str, ...]
    name: str
    number: str | None
    national_id: str | None
    """Last four digits only: the page is shown to a room, and may be saved."""
    reason: str | None


@dataclass(frozen=True)
class Position:
    """`at`: opencrvs, bridge or nid. `stage` names its texts (`stage.<stage>`, `seen.<stage>`)."""

    at: str
    stage: str
    alarm: bool = False


def shown(document: EventDocument, profile: Profile) -> Shown:
    """What OpenCRVS shows of this document."""
    told = {k: v for action in document["actions"] for k, v in (action.get("declaration") or {}).items()}
    subject, values = subject_of(document["type"], told), state.declaration(document, profile=profile)
    name = spoken_name(values.get(f"{subject}.name")) or spoken_name(_declared(document, f"{subject}.name"))
    national_id = values.get("child.nid") if subject == "child" else None
    return Shown(
        status=str(state.status(document)),
        flags=tuple(state.flags(document, profile)),
        name=name,
        number=state.registration_number(document),
        national_id=str(national_id)[-4:] if national_id else None,
        reason=_reason(document),
    )


def _declared(document: EventDocument, field: str) -> Any:
    """A value of a declaration that is not accepted yet."""
    for action in reversed(document["actions"]):
        value = (action.get("declaration") or {}).get(field)
        if value:
            return value
    return None


def _reason(document: EventDocument) -> str | None:
    """The words of the newest rejection, when OpenCRVS was given any."""
    for action in reversed(document["actions"]):
        if action["type"] == "REJECT" or (action["type"] == "REGISTER" and action["status"] == "Rejected"):
            content = cast(Json, action.get("content") or {})
            if content.get("reason"):
                return str(content["reason"])
    return None


def place(
    seen: Shown, entry: Json | None, packet: Json | None, *, bridge_known: bool, asking: bool = False
) -> Position:
    """Where the record is now.

    `entry`: the bridge's row of `/operations/registrations`, None when it has none; `bridge_known`: whether
    the bridge could be asked. `packet`: the row of the ID system's `/admin/registrations`. `asking`: the
    registrar's click is being answered at this moment.
    """
    if seen.status == "REGISTERED":
        return Position("opencrvs", "registered")
    if "register:requested" in seen.flags:
        where = _waiting(entry, packet, bridge_known=bridge_known)
        return Position("bridge", "asked") if asking and where.stage in ("forgotten", "unseen") else where
    if "register:rejected" in seen.flags or "rejected" in seen.flags:
        return Position("opencrvs", "rejected", alarm=True)
    if seen.status in ("DECLARED", "VALIDATED"):
        return Position("opencrvs", "declared")
    return Position("opencrvs", "other")


def _waiting(entry: Json | None, packet: Json | None, *, bridge_known: bool) -> Position:
    step = str(entry["state"]) if entry else ""
    if step == "STUCK":
        return Position("bridge", "stuck", alarm=True)
    if step in ("RECEIVED", "QUEUED"):
        trouble = bool(entry and entry.get("lastError"))
        return Position("bridge", "queued-trouble" if trouble else "queued", alarm=trouble)
    if step in ("ISSUED", "REFUSED"):
        trouble = bool(entry and entry.get("lastError"))
        return Position("bridge", "answered-trouble" if trouble else "answered", alarm=trouble)
    under_way = packet is not None and packet["status"] not in _ENDED
    if under_way and packet is not None:
        # a packet that waits for the people of the ID system stands still, too: nobody told it to keep silent
        silent = packet["stalled"] and packet.get("planSource") != "queue"
        return Position("nid", "silent" if silent else "processing")
    if packet is not None:
        return Position("nid", "decided")
    if step == "SUBMITTED":
        return Position("nid", "processing")
    if not bridge_known:
        return Position("bridge", "unseen", alarm=True)
    return Position("opencrvs", "forgotten", alarm=True)


def abilities(seen: Shown, where: Position, entry: Json | None, packet: Json | None) -> list[str]:
    """What people can do with this record now: names of the page's buttons."""
    can: list[str] = []
    if where.stage in ("declared", "rejected") and "potential-duplicate" not in seen.flags:
        can.append("register")
    if where.stage == "forgotten":
        can.append("release")
    if packet is not None and packet["status"] not in _ENDED and packet.get("workflowInstanceId"):
        can += ["issue", "reject", "stall"]
    if packet is not None and packet.get("vid"):
        can.append("again")
    if entry is not None:
        can += [f"operator-{remedy}" for remedy in entry.get("remedies") or ()]
    return can


def identity_change(event_type: str, seen: Shown, packet: Json | None, cases: Iterable[Json]) -> str | None:
    """What the civil registry may ask the ID system's manual verification about this identity now."""
    if packet is None or not packet.get("uin") or seen.status != "REGISTERED":
        return None
    about = [case for case in cases if case["uin"] == packet["uin"] and case["decision"] != "rejected"]
    last = about[-1] if about else {"wish": None, "decision": "approved"}
    if last["decision"] != "approved":
        return None
    if event_type == "birth":
        return "reactivate" if last["wish"] == "deactivate" else "deactivate"
    return None if last["wish"] == "reverse-death" else "reverse-death"


STAGES = (
    "declared", "asked", "queued", "queued-trouble", "processing", "silent", "decided", "answered",
    "answered-trouble", "stuck", "unseen", "forgotten", "registered", "rejected", "other",
)  # fmt: skip
"""Every stage; the texts have a name (`stage.`) and a sentence (`seen.`) for each."""

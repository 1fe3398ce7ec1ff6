"""What an ID system owes a civil registry, judged from what passed on the line. Pure.

The first five promises are the bridge's; these four are the ID system's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scenarios.judging.verdicts import Breach, Promise, Ruling, Verdict, counted, ruled
from wire.mosip import envelope, hub, packets, workflow

TAKES = Promise(
    6,
    "The ID system takes every well-formed request: no error, also none inside a 200.",
    "requests taken",
    shows="MOSIP-ENV-01",
)
SIGNS = Promise(
    7,
    "The ID system signs every delivery over its raw bytes, with the subscription's secret.",
    "signed",
    shows="MOSIP-HUB-04",
)
PROVES = Promise(
    8,
    "Every credential is sealed for the partner, proved by the issuer's published key, and about its packet.",
    "proved",
    shows="MOSIP-CRD-02",
)
ENDS_PACKETS = Promise(
    9,
    "Every packet that the ID system took comes to an end, and it says which.",
    "packets end",
    shows="MOSIP-WFL-07",
)
ID_SYSTEM = (TAKES, SIGNS, PROVES, ENDS_PACKETS)

_NAMES = {
    "auth.token": "the auth manager",
    "packet.create": "the packet manager",
    "packet.process": "the workflow manager",
    "hub.subscribe": "the hub",
    "uin.generate": "the UIN generator",
    "identity.create": "the ID repository",
    "well-known.public-key": "the issuer's key document",
}
"""The services that our bridge always asks well; of the others an error is an answer."""


@dataclass(frozen=True)
class BridgeCall:
    """One call of the bridge. `operation` as in a journal; status None: no answer, `note` says why."""

    at: datetime
    operation: str
    record: str
    request: bytes
    status: int | None
    answer: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    note: str = ""


@dataclass(frozen=True)
class Delivered:
    """One message of the hub as it came, and what the bridge answered."""

    at: datetime
    record: str
    body: bytes
    signature: str | None
    status: int | None


@dataclass(frozen=True)
class OpenedCredential:
    """A credential that came. `fault` says why it is not believed; None when it is."""

    record: str
    fault: str | None


@dataclass(frozen=True)
class Conduct:
    """Everything that passed in one story. `ended`: the packets whose end was told, in whatever way."""

    calls: tuple[BridgeCall, ...]
    deliveries: tuple[Delivered, ...]
    credentials: tuple[OpenedCredential, ...]
    ended: frozenset[str]
    secret: str
    unsigned_allowed: bool = False


def judge_conduct(seen: Conduct) -> tuple[Verdict, ...]:
    """The four verdicts, in their order. A promise of which nothing was seen is not judged."""
    asked = [call for call in seen.calls if call.operation in _NAMES]
    started = sorted(taken_packets(seen.calls))
    return (
        _verdict(TAKES, len(asked), "request", _refusals(asked)),
        _verdict(SIGNS, len(seen.deliveries), "delivery", _unsigned(seen), "deliveries"),
        _verdict(PROVES, len(seen.credentials), "credential", _unproved(seen.credentials)),
        _verdict(ENDS_PACKETS, len(started), "packet", _unended(started, seen.ended)),
    )


def _verdict(promise: Promise, many: int, what: str, findings: Iterable[Breach], plural: str = "") -> Verdict:
    if not many:
        return Verdict(promise, Ruling.NOT_JUDGED, f"no {what} was seen")
    return ruled(promise, counted(many, what, plural), findings)


def taken_packets(calls: Iterable[BridgeCall]) -> frozenset[str]:
    """The packets whose processing the ID system said that it has started."""
    return frozenset(
        call.record
        for call in calls
        if call.operation == "packet.process" and call.record and trouble(call) is None
    )


def trouble(call: BridgeCall) -> str | None:
    """What is wrong with the answer to a well-formed request; None when it is as it should be."""
    if call.status is None:
        return f"did not answer ({call.note})"
    if call.operation == "hub.subscribe":
        refused = hub.refusal(call.status, call.answer.decode(errors="replace"))
        known = refused is None or "already registered" in refused
        return None if known else f"answered {call.status}: {refused}"
    try:
        body = envelope.parse_body(call.answer)
        said = [fault for fault in envelope.errors_of(body) if fault.code != workflow.ALREADY_PRESENT.code]
    except envelope.EnvelopeBroken as broken:
        return f"answered {call.status} with something that is no MOSIP envelope ({broken})"
    if said:
        meant = "answered 200 and meant an error" if call.status == 200 else f"answered {call.status}"
        return f"{meant}: {said[0]}"
    return f"answered {call.status}" if call.status >= 400 else _emptiness(call, body)


def _emptiness(call: BridgeCall, body: Mapping[str, object]) -> str | None:
    match call.operation:
        case "packet.create" if not packets.created(body):
            return "answered 200 without an error and without a packet: it swallowed one"
        case "auth.token" if "Authorization" not in call.headers and "Set-Cookie" not in call.headers:
            return "answered 200 without a token"
    return None


def _refusals(calls: Iterable[BridgeCall]) -> Iterator[Breach]:
    together: dict[tuple[str, str], list[BridgeCall]] = defaultdict(list)
    for call in calls:
        # a token that ran out is renewed: the next call shows whether that helped
        renewed = call.status == 401 and call.operation != "auth.token"
        if not renewed and (wrong := trouble(call)):
            together[call.operation, wrong].append(call)
    for (operation, wrong), them in together.items():
        records = sorted({call.record for call in them if call.record})
        evidence = (f"{len(them)} times",) if len(them) > 1 else ()
        yield Breach(_NAMES[operation], wrong, (*evidence, *(f"about packet {one}" for one in records[:5])))


def _unsigned(seen: Conduct) -> Iterator[Breach]:
    if seen.unsigned_allowed:
        return
    for one in seen.deliveries:
        try:
            hub.verify_signature(one.signature, seen.secret, one.body)
        except hub.HubSignatureRefused as refused:
            what = f"was told of in a delivery without a valid signature ({refused.reason})"
            yield Breach(_packet(one.record), what, (f"the bridge answered {one.status}",))


def _unproved(credentials: Iterable[OpenedCredential]) -> Iterator[Breach]:
    for one in credentials:
        if one.fault is not None:
            yield Breach(_packet(one.record), f"got a credential that cannot be believed: {one.fault}")


def _unended(started: Iterable[str], ended: frozenset[str]) -> Iterator[Breach]:
    for record in started:
        if record not in ended:
            yield Breach(_packet(record), "was taken, and no end of it was told while we waited")


def _packet(record: str) -> str:
    return f"packet {record}" if record else "a packet that the message does not name"

"""What can go wrong, as values: where, what, how often, when. One vocabulary for faults and plans.

Which seams exist, and what each can play, is each server's to say. The page of faults and the contracts'
schemas are made from what is written here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.dataclasses import dataclass

from wire.world import World

_SECOND = timedelta(seconds=1)
_GENERIC, _DELIVERY, _CREDENTIAL, _ODD = "generic", "delivery", "credential", "odd"


class Explained(StrEnum):
    """Words that each say what they mean."""

    means: str
    groups: tuple[str, ...]

    def __new__(cls, value: str, means: str = "", *groups: str) -> Self:
        word = str.__new__(cls, value)
        word._value_, word.means, word.groups = value, means, groups
        return word


class FaultKind(Explained):
    """What goes wrong, and its groups: _GENERIC works at every seam; a server says which others it knows."""

    STATUS = "status", "answers this HTTP `status` with `headers` and `body`, and does nothing else", _GENERIC
    MALFORMED_BODY = "malformed-body", "answers or sends something that cannot be read", _GENERIC, _DELIVERY
    TRUNCATED_BODY = (
        "truncated-body",
        "answers or sends, and the body ends in the middle",
        _GENERIC,
        _DELIVERY,
    )
    RESET = "reset", "drops the connection", _GENERIC
    HANG = "hang", "does not answer for `seconds`, then drops the connection", _GENERIC
    SLOW = "slow", "waits `seconds`, then does its work", _GENERIC

    GATEWAY = (
        "gateway",
        "answers `status` as a gateway in front does: 404, 408, 413 and 429 in JSON, the last with "
        "`Retry-After: seconds`, others in HTML",
    )
    MOSIP_ERROR = "mosip-error", "answers HTTP 200 with MOSIP's error `code` and `message` inside"
    EMPTY_RESPONSE = (
        "empty-response",
        "answers HTTP 200 with `response: null`, no error: the swallowed failure",
    )
    EXPIRED_TOKEN = "expired-token", "uses or hands out a token that has run out"
    DUPLICATE = "duplicate", "sends it twice"
    LOSE = "lose", "does not send it, or loses the answer"

    WRONG_SIGNATURE = "wrong-signature", "sends a signature that does not hold", _DELIVERY
    NO_SIGNATURE = "no-signature", "sends no signature; at the trigger: no token", _DELIVERY
    WRONG_TOPIC = "wrong-topic", "delivers under another topic", _DELIVERY

    OTHER_KEY = (
        "other-key",
        "signs with a key that nobody was told of: the credential's proof, the token",
        _CREDENTIAL,
    )
    OTHER_PARTNER = "other-partner", "the credential is sealed for another partner's certificate", _CREDENTIAL
    TAMPERED = "tampered", "the credential is sealed well, then changed", _CREDENTIAL
    NO_SPLITTER = (
        "no-splitter",
        "the text that parts key and data of the sealed credential is missing",
        _CREDENTIAL,
    )
    LEGACY_LAYOUT = (
        "legacy-layout",
        "the credential is sealed in the layout of older versions (genuine, but old)",
        _ODD,
    )
    NO_PROOF = "no-proof", "the credential has no proof", _CREDENTIAL
    OTHER_PROOF = (
        "other-proof",
        "the issuer's key signs the other form: JCS where URDNA2015 is due, or the reverse",
        _CREDENTIAL,
    )
    ALIEN_ISSUER = "alien-issuer", "the credential says that somebody else issued it", _CREDENTIAL
    NO_VID = "no-vid", "the credential carries no VID", _ODD
    EXTRA_ATTRIBUTES = (
        "extra-attributes",
        "the credential carries attributes that the policy does not share",
        _ODD,
    )
    OTHER_CERTIFICATE_NUMBER = (
        "other-certificate-number",
        "the credential carries another record's certificate number",
        _CREDENTIAL,
    )
    OTHER_SUBJECT = "other-subject", "the credential is about another person", _CREDENTIAL
    INACTIVE_VID = "inactive-vid", "the VID that is given is deactivated", _ODD
    UNKNOWN_REGISTRATION = (
        "unknown-registration",
        "the event names a registration that nobody sent",
        _CREDENTIAL,
    )

    @property
    def spoils(self) -> bool:
        """Whether a credential or its delivery is no longer the ID system's own word; others are odd and
        true.
        """
        return _DELIVERY in self.groups or _CREDENTIAL in self.groups


def _of(*groups: str) -> frozenset[FaultKind]:
    return frozenset(kind for kind in FaultKind if set(groups) & set(kind.groups))


GENERIC = _of(_GENERIC)
OF_DELIVERY = _of(_DELIVERY)
"""Wrong on the way only: the same message, delivered again, is right."""
OF_CREDENTIAL = _of(_CREDENTIAL, _ODD)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Fault:
    """One thing that goes wrong."""

    seam: str
    """where"""
    kind: FaultKind
    """what"""
    count: Annotated[int | None, Field(ge=1)] = 1
    """how often at most; `null`: until it is removed"""
    skip: Annotated[int, Field(ge=0)] = 0
    """how many passages are spared first"""
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    """how likely it strikes, each time"""
    rate: Annotated[int | None, Field(ge=1)] = None
    """only what is beyond so many in a second; with `gateway` 429 a rate limit"""
    since: AwareDatetime | None = None
    """from this instant on"""
    until: AwareDatetime | None = None
    """before this instant"""
    record: str | None = None
    """only for this record: event id, action id, tracking id, packet id or certificate number"""
    status: Annotated[int, Field(ge=200, le=599)] = 503
    """for `status` and `gateway`"""
    headers: Mapping[
        Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,64}$")],
        Annotated[str, Field(pattern="^[\\x20-\\x7e]*$")],
    ] = field(default_factory=dict)
    """for `status`: its headers, such as `Retry-After`; without one, HTML"""
    body: str = ""
    """for `status`"""
    seconds: Annotated[float, Field(ge=0, le=31_536_000)] = 30.0
    """for `hang`, `slow`, `gateway`"""
    code: str = ""
    """for `mosip-error`"""
    message: str = ""
    """for `mosip-error`"""

    def __str__(self) -> str:
        answers = self.kind in (FaultKind.STATUS, FaultKind.GATEWAY)
        how = f" {self.status}" if answers else f" {self.code}" if self.code else ""
        return f"{self.kind}{how} at {self.seam}"


@plain_dataclass
class _Armed:
    number: int
    fault: Fault
    met: int = 0
    struck: int = 0
    passed: deque[datetime] = field(default_factory=deque)
    """What a rate let through in the last second."""

    def has_room(self, now: datetime) -> bool:
        """Whether the rate lets this one through; it counts then."""
        if self.fault.rate is None:
            return False
        while self.passed and self.passed[0] <= now - _SECOND:
            self.passed.popleft()
        if len(self.passed) >= self.fault.rate:
            return False
        self.passed.append(now)
        return True


@plain_dataclass
class Faults:
    """The faults that wait at a server's seams. `seams` maps each seam to the kinds that it can play."""

    world: World
    seams: dict[str, frozenset[FaultKind]]
    _armed: list[_Armed] = field(default_factory=list)
    _count: int = 0

    def add(self, fault: Fault) -> int:
        """Arm a fault and return its number; ValueError names what the server offers instead."""
        kinds = self.seams.get(fault.seam)
        if kinds is None:
            raise ValueError(f"no seam is called {fault.seam!r}; there are: {', '.join(sorted(self.seams))}")
        if fault.kind not in kinds:
            raise ValueError(
                f"seam {fault.seam} cannot play {fault.kind}; it can: {', '.join(sorted(kinds))}"
            )
        self._count += 1
        self._armed.append(_Armed(self._count, fault))
        return self._count

    def strike(self, seam: str, records: Iterable[str] = ()) -> Fault | None:
        """The fault that strikes now at `seam`, if any; it is counted as used."""
        if not self._armed:
            return None
        now = self.world.clock.now()
        concerned = frozenset(records)
        for armed in self._armed:
            if not _applies(armed, seam, now, concerned):
                continue
            armed.met += 1
            if armed.met <= armed.fault.skip:
                continue
            if armed.has_room(now):
                continue
            if armed.fault.probability < 1 and self.world.chance.random() >= armed.fault.probability:
                continue
            armed.struck += 1
            return armed.fault
        return None

    @property
    def armed(self) -> bool:
        """Whether any fault waits, at whatever seam."""
        return bool(self._armed)

    def listed(self) -> list[tuple[int, Fault, int]]:
        """Number, fault and how often it struck, in the order of arming."""
        return [(armed.number, armed.fault, armed.struck) for armed in self._armed]

    def remove(self, number: int) -> bool:
        """Disarm one; False when there is none of that number."""
        before = len(self._armed)
        self._armed = [armed for armed in self._armed if armed.number != number]
        return len(self._armed) < before

    def clear(self, seam: str | None = None) -> None:
        """Disarm all, or all at one seam."""
        self._armed = [armed for armed in self._armed if seam is not None and armed.fault.seam != seam]


def _applies(armed: _Armed, seam: str, now: datetime, records: frozenset[str]) -> bool:
    fault = armed.fault
    return (
        fault.seam == seam
        and (fault.count is None or armed.struck < fault.count)
        and (fault.since is None or fault.since <= now)
        and (fault.until is None or now < fault.until)
        and (fault.record is None or fault.record in records)
    )

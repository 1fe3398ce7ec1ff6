"""Who calls, and what the token lets them do (contract opencrvs §4.1, §4.3 steps 1, 3, 5; §7.3). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mock_opencrvs.directory.people import SystemClient, User, UserDirectory
from wire.opencrvs.profiles import Profile
from wire.opencrvs.scopes import Scope, find
from wire.opencrvs.tokens import SERVICE
from wire.opencrvs.trpc import TRPCError

_JURISDICTIONS = ("placeOfEvent", "declaredIn", "registeredIn", "createdIn", "notifiedIn")
_AUTHORS = {"declaredBy": "DECLARED", "registeredBy": "REGISTERED"}


@dataclass(frozen=True)
class Caller:
    """A verified token and the row of its subject."""

    claims: Mapping[str, Any]
    token: str
    user: User | None
    client: SystemClient | None
    profile: Profile

    @property
    def id(self) -> str:
        return str(self.claims["sub"])

    @property
    def is_core(self) -> bool:
        """Whether this is the token that core gave the country at its start."""
        return self.id == SERVICE

    @property
    def is_system(self) -> bool:
        return self.user is None

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple(self.claims.get("scope") or ())

    def author(self) -> dict[str, Any]:
        """The fields of an action that tell who did it."""
        if self.user is None:
            role = self.client.role if self.client is not None else None
            told = {"createdBy": self.id, "createdByUserType": "system"}
            return told | ({"createdByRole": role} if role else {})
        told = {"createdBy": self.id, "createdByUserType": "user", "createdByRole": self.user.role}
        if self.user.signature:
            told["createdBySignature"] = self.user.signature
        return told | {"createdAtLocation": self.user.office}

    def needs_user(self) -> None:
        """403 for a system client where only people may call."""
        if self.is_system:
            raise TRPCError("FORBIDDEN")

    def needs_scope(self, names: Iterable[str], event_type: str | None = None) -> list[Scope]:
        """The scopes that grant one of these permissions; 403 when there is none."""
        granted = self.granted(names, event_type)
        if not granted:
            raise TRPCError("FORBIDDEN")
        return granted

    def granted(self, names: Iterable[str], event_type: str | None = None) -> list[Scope]:
        return [
            scope
            for name in names
            for scope in find(self.scopes, name, event_type=event_type, profile=self.profile)
        ]

    def bound_to(self, event_id: str) -> None:
        """A confirmation token opens one record only (step 3)."""
        if self.claims.get("eventId") not in (None, event_id):
            raise TRPCError("FORBIDDEN", "Token does not grant access to this event")


def bearer_of(claims: Mapping[str, Any]) -> str:
    """Who holds a token: core gives one that is bound to a record to the country's server alone (§2.3)."""
    return "program" if "eventId" in claims or claims.get("userType") == "system" else "person"


def covers(scope: Scope, row: Mapping[str, Any], caller: Caller, people: UserDirectory) -> bool:
    """Whether the options of a scope reach this record: event type, jurisdiction, author, status, flags."""
    if not scope.allows_event(row["type"]):
        return False
    if people.profile is Profile.V1_9:
        return _covers_1_9(scope, row, caller, people)
    legal = row.get("legalStatuses", {})
    for option in _JURISDICTIONS:
        reach = scope.values(option)
        if reach and not _reaches(reach[0], _place(option, row, legal), caller, people):
            return False
    for option, status in _AUTHORS.items():
        if scope.values(option) and legal.get(status, {}).get("createdBy") != caller.id:
            return False
    if scope.values("createdBy") and row.get("createdBy") != caller.id:
        return False
    statuses, flags = scope.values("status"), scope.values("flags")
    return (not statuses or row["status"] in statuses) and (
        not flags or not set(flags).isdisjoint(row["flags"])
    )


def _covers_1_9(scope: Scope, row: Mapping[str, Any], caller: Caller, people: UserDirectory) -> bool:
    access = scope.values("access")
    if not access or access[0] == "all" or caller.user is None:
        return True
    return _reaches("administrativeArea", [row.get("updatedAtLocation") or ""], caller, people)


def _place(option: str, row: Mapping[str, Any], legal: Mapping[str, Any]) -> list[str]:
    match option:
        case "placeOfEvent":
            return [row.get("placeOfEvent") or ""]
        case "declaredIn" | "notifiedIn":
            return [legal.get("DECLARED", {}).get("createdAtLocation") or ""]
        case "registeredIn":
            return [legal.get("REGISTERED", {}).get("createdAtLocation") or ""]
        case _:
            return [row.get("createdAtLocation") or ""]


def _reaches(reach: str, places: list[str], caller: Caller, people: UserDirectory) -> bool:
    if reach == "all" or caller.user is None:
        return True
    if reach == "location":
        return caller.user.office in places
    office = people.places.get(caller.user.office)
    if office is None or office.parent is None:
        return True
    inside = people.within(office.parent)
    return any(place in inside for place in places)

"""The query language of `event.search` and of workqueues: its input shape, and which rows it means (§4.9).

Upstream: packages/commons/src/events/CountryConfigQueryInput.ts. Unknown keys of a clause are dropped; what
is left must not be empty. Locations in `$userField` form are the browser's to resolve and are refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mock_opencrvs.zod import (
    Boolean,
    Fields,
    IsoTime,
    ListOf,
    Literal,
    Number,
    OneOf,
    Optional,
    Parse,
    Path,
    Shape,
    Text,
    Union,
    Uuid,
    none_fits,
)
from wire.opencrvs.profiles import Profile


def _typed(kind: str, **fields: Shape) -> Fields:
    """A condition of one `type`."""
    return Fields({"type": Literal(kind), **fields})


_EXACT = _typed("exact", term=Text())
_ANY_OF = _typed("anyOf", terms=ListOf(Text()))
_STATUSES = ("CREATED", "NOTIFIED", "DECLARED", "VALIDATED", "REGISTERED", "ARCHIVED")
_PERIODS = OneOf(("last7Days", "last30Days", "last90Days", "last365Days"))
_DAY = Union((IsoTime("date"), IsoTime()))
_TIME = Union(
    (
        _typed("exact", term=_DAY),
        _typed("range", gte=_DAY, lte=_DAY),
        _typed("timePeriod", term=_PERIODS),
    )
)
_WITHIN = _typed("within", location=Text())
_PLACE = Union((_WITHIN, _EXACT))


@dataclass(frozen=True)
class Term:
    """One condition on a declared value."""

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in _TERMS:
            return _TERMS[kind].read(value, path, into)
        return Union((_EXACT, _FUZZY, _ANY_OF, _RANGE)).read(value, path, into)


_FUZZY = _typed("fuzzy", term=Text())
_RANGE = _typed("range", gte=Optional(Text()), lte=Optional(Text()))
_BOOL = _typed("exact", term=Union((Text(), Boolean(), Number())))
_TERMS: Mapping[str, Shape] = {
    "exact": _BOOL,
    "fuzzy": _FUZZY,
    "anyOf": _ANY_OF,
    "range": _RANGE,
    "within": _WITHIN,
    "timePeriod": _typed("timePeriod", term=_PERIODS),
}


@dataclass(frozen=True)
class _Data:
    """Conditions by field id; some clients nest them under `data`."""

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if not isinstance(value, dict):
            into.wrong_type("object" if into.zod == 3 else "record", value, path)
            return value
        return {key: Term().read(item, (*path, key), into) for key, item in value.items()}


def _clause(profile: Profile) -> Fields:
    """One clause. `allOf` of flags came after 2.0: before, it is dropped and the rest matches everything."""
    status = OneOf((*_STATUSES, "REVOKED") if profile is Profile.V2_1 else _STATUSES)
    flags: dict[str, Shape] = {"anyOf": Optional(ListOf(Text())), "noneOf": Optional(ListOf(Text()))}
    if profile is Profile.V2_1:
        flags["allOf"] = Optional(ListOf(Text()))
    wanted = Union(
        (
            _typed("exact", term=status),
            _typed("anyOf", terms=ListOf(status)),
        )
    )
    legal = {} if profile is Profile.V1_9 else _LEGAL_SINCE_2
    return Fields({**_HEAD, "status": Optional(wanted), **_CLAUSE, **legal, "flags": Optional(Fields(flags))})


_HEAD: Mapping[str, Shape] = {"id": Optional(Uuid()), "eventType": Optional(Text())}
_CLAUSE: Mapping[str, Shape] = {
    "createdAt": Optional(_TIME),
    "updatedAt": Optional(_TIME),
    "legalStatuses.DECLARED.createdAtLocation": Optional(_PLACE),
    "legalStatuses.REGISTERED.acceptedAt": Optional(_TIME),
    "legalStatuses.REGISTERED.createdAtLocation": Optional(_PLACE),
    "legalStatuses.REGISTERED.registrationNumber": Optional(_EXACT),
    "createdAtLocation": Optional(_PLACE),
    "updatedAtLocation": Optional(_PLACE),
    "assignedTo": Optional(_EXACT),
    "createdBy": Optional(_EXACT),
    "updatedBy": Optional(_EXACT),
    "createdByUserType": Optional(_typed("exact", term=OneOf(("user", "system")))),
    "updatedByUserRole": Optional(_EXACT),
    "trackingId": Optional(_EXACT),
    "data": Optional(_Data()),
}
_LEGAL_SINCE_2: Mapping[str, Shape] = {
    "legalStatuses.DECLARED.createdAtLocation": Optional(_WITHIN, nullable=True),
    "legalStatuses.REGISTERED.createdAtLocation": Optional(_WITHIN, nullable=True),
    "legalStatuses.DECLARED.createdByRole": Optional(_ANY_OF),
    "legalStatuses.REGISTERED.createdByRole": Optional(_ANY_OF),
}


@dataclass(frozen=True)
class _Clause:
    """Conditions, or in their place a query."""

    fields: Fields

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        own, nested = Parse(into.zod), Parse(into.zod)
        below = path if into.zod == 3 else ()
        clause = self.fields.read(value, below, own)
        if clause and not own.issues:
            return clause
        query = _query(self).read(value, below, nested)
        if not nested.issues:
            return query
        # a union gives the issues of its only shape that could be read on
        alone = not own.issues and (into.zod == 3 or any(one["code"] not in _MILD for one in nested.issues))
        if not own.issues:
            _is_empty(path if alone else below, into if alone else own)
        if not alone:
            none_fits([own.issues, nested.issues], path, into)
        return clause


_MILD = ("custom", "too_small")


def _is_empty(path: Path, into: Parse) -> None:
    text = "At least one query field must be specified."
    into.add(
        {"code": "custom", "message": text, "path": list(path)},
        {"code": "custom", "path": list(path), "message": text},
    )


@dataclass(frozen=True)
class _Clauses:
    clause: _Clause

    def read(self, value: Any, path: Path, into: Parse) -> Any:
        if isinstance(value, list) and not value:
            text = "At least one clause is required."
            issue: dict[str, Any] = {"code": "too_small", "minimum": 1}
            into.add(
                issue
                | {"type": "array", "inclusive": True, "exact": False, "message": text, "path": [*path]},
                {"origin": "array"} | issue | {"inclusive": True, "path": list(path), "message": text},
            )
        return ListOf(self.clause).read(value, path, into)


@cache
def query_input(profile: Profile) -> Shape:
    """A query of `event.search` and of workqueues."""
    return _query(_Clause(_clause(profile)))


def _query(clause: _Clause) -> Shape:
    return Fields({"type": Union((Literal("and"), Literal("or"))), "clauses": _Clauses(clause)})


@cache
def search_input(profile: Profile) -> Shape:
    """What `event.search` takes."""
    return Fields(
        {
            "query": query_input(profile),
            "limit": Optional(Number(whole=True, minimum=0, maximum=10_000), lambda: 100),
            "offset": Optional(Number(whole=True, minimum=0), lambda: 0),
            "sort": Optional(ListOf(Fields({"field": Text(), "direction": OneOf(("asc", "desc"))}))),
            "waitFor": Optional(Boolean()),
        }
    )

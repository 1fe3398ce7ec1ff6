"""Which records a search means (contract opencrvs §4.9), over a small index."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mock_opencrvs.directory.people import UserDirectory
from mock_opencrvs.directory.places import Location
from mock_opencrvs.search.index import Index
from mock_opencrvs.search.matching import matching, sort_ids
from wire.opencrvs.profiles import Profile

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACES = {
    id: Location(id, id, kind, id, parent)
    for id, kind, parent in [
        ("province", "ADMIN_STRUCTURE", None),
        ("district", "ADMIN_STRUCTURE", "province"),
        ("office", "CRVS_OFFICE", "district"),
        ("elsewhere", "CRVS_OFFICE", None),
    ]
}


def row(id: str, updated: str, **more: Any) -> dict[str, Any]:
    given = {"type": "birth", "status": "DECLARED", "flags": [], "declaration": {}, "createdAt": updated}
    return {"id": id, "updatedAt": updated, "updatedAtLocation": "office", **given, **more}


ROWS = [
    row("a", "2026-03-01T10:00:00.000Z", flags=["late"], declaration={"child.name": {"firstname": "Chanda"}}),
    row(
        "b",
        "2026-02-20T10:00:00.000Z",
        status="REGISTERED",
        declaration={"mother.nid": "42"},
        legalStatuses={
            "DECLARED": {"createdByRole": "HOSPITAL_CLERK"},
            "REGISTERED": {
                "acceptedAt": "2026-02-20T10:00:00.000Z",
                "createdAtLocation": "office",
                "registrationNumber": "N1",
            },
        },
    ),
    row(
        "c",
        "2026-02-27T10:00:00.000Z",
        type="death",
        updatedAtLocation="elsewhere",
        flags=["late", "rejected"],
    ),
]


@pytest.fixture(scope="module")
def index() -> Index:
    index = Index(UserDirectory(Profile.V2_0, PLACES, {}))
    for one in ROWS:
        index.put(one)
    return index


def exact(term: str) -> dict[str, str]:
    return {"type": "exact", "term": term}


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ({}, "abc"),
        ({"eventType": "death"}, "c"),
        ({"id": "b"}, "b"),
        ({"status": exact("DECLARED")}, "ac"),
        ({"status": {"type": "anyOf", "terms": ["REGISTERED", "DECLARED"]}}, "abc"),
        ({"status": exact("DECLARED"), "eventType": "birth"}, "a"),
        ({"flags": {"anyOf": ["late", "never"]}}, "ac"),
        ({"flags": {"noneOf": ["rejected"]}}, "ab"),
        ({"flags": {"anyOf": ["late"], "noneOf": ["rejected"]}}, "a"),
        ({"updatedAtLocation": exact("office")}, "ab"),
        ({"updatedAtLocation": {"type": "within", "location": "province"}}, "ab"),
        ({"updatedAtLocation": {"type": "within", "location": "elsewhere"}}, "c"),
        ({"updatedAt": {"type": "timePeriod", "term": "last7Days"}}, "ac"),
        ({"updatedAt": {"type": "timePeriod", "term": "last30Days"}}, "abc"),
        ({"data": {"mother.nid": exact("42")}}, "b"),
        ({"data": {"mother____nid": exact("42")}}, "b"),
        ({"data": {"mother.nid": exact("4")}}, ""),
        ({"data": {"child.name": {"type": "fuzzy", "term": "chonda"}}}, "a"),
        ({"legalStatuses.REGISTERED.registrationNumber": exact("N1")}, "b"),
        ({"legalStatuses.REGISTERED.registrationNumber": exact("N2")}, ""),
        ({"legalStatuses.REGISTERED.createdAtLocation": {"type": "within", "location": "office"}}, "b"),
        ({"legalStatuses.REGISTERED.createdAtLocation": exact("elsewhere")}, ""),
        ({"legalStatuses.REGISTERED.createdAtLocation": None, "eventType": "death"}, "c"),
        ({"legalStatuses.REGISTERED.acceptedAt": {"type": "timePeriod", "term": "last30Days"}}, "b"),
        ({"legalStatuses.REGISTERED.acceptedAt": {"type": "timePeriod", "term": "last7Days"}}, ""),
        ({"legalStatuses.DECLARED.createdByRole": {"type": "anyOf", "terms": ["HOSPITAL_CLERK"]}}, "b"),
        ({"type": "or", "clauses": [{"id": "a"}, {"eventType": "death"}]}, "ac"),
        ({"type": "and", "clauses": [{"type": "or", "clauses": [{"id": "a"}]}, {"id": "a"}]}, "a"),
    ],
)
def test_a_clause_means_these_records(index: Index, clause: dict[str, Any], found: str) -> None:
    assert matching(index, {"type": "and", "clauses": [clause]}, NOW) == set(found)


@pytest.mark.parametrize(("kind", "found"), [("and", ""), ("or", "bc")])
def test_clauses_are_joined_by_and_or_or(index: Index, kind: str, found: str) -> None:
    clauses = [{"eventType": "death"}, {"id": "b"}]
    assert matching(index, {"type": kind, "clauses": clauses}, NOW) == set(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (None, "acb"),
        ([{"field": "updatedAt", "direction": "asc"}], "bca"),
        ([{"field": "type", "direction": "asc"}, {"field": "updatedAt", "direction": "asc"}], "bac"),
    ],
)
def test_the_newest_comes_first_unless_asked_otherwise(index: Index, sort: Any, order: str) -> None:
    assert "".join(sort_ids(index, "abc", sort)) == order


def test_a_row_takes_the_place_of_the_records_earlier_one() -> None:
    index = Index(UserDirectory(Profile.V2_0, PLACES, {}))
    index.put(row("a", "2026-03-01T10:00:00.000Z", flags=["late"]))
    index.put(row("a", "2026-03-02T10:00:00.000Z", status="REGISTERED"))
    assert index.holding(("flag", "late")) == set() == index.holding(("status", "DECLARED"))
    assert (index.holding(("status", "REGISTERED")), len(index), index.changed) == ({"a"}, 1, {"a"})
    index.remove("a")
    assert (len(index), index.holding(("status", "REGISTERED")), index.get("a")) == (0, set(), None)


def test_look_alikes_are_sought_by_number_and_by_the_beginnings_of_the_mothers_name() -> None:
    index = Index(UserDirectory(Profile.V2_0, PLACES, {}))
    told = {"mother.nid": "42", "mother.name": {"firstname": "Chanda", "surname": "Mulenga"}}
    index.put(row("a", "2026-03-01T10:00:00.000Z", declaration=told))
    name = {"firstname": "CHAnel", "surname": "Banda"}
    assert index.candidates({"mother.nid": "42"}) == {"a"} == index.candidates({"mother.name": name})
    assert (
        index.candidates({"mother.nid": "43", "mother.name": {"firstname": "Ruth", "surname": "Banda"}})
        == set()
    )

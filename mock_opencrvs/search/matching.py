"""Which rows of the index a parsed query means. Pure over the index; times are ISO texts.

Every condition gives the ids that the postings know (then it is settled by set arithmetic) or a test for one
row. A clause starts from its smallest set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mock_opencrvs.search.index import Index, Row
from mock_opencrvs.search.likeness import name_words, near

Test = Callable[[Row], bool]
_DAYS = {"last7Days": 7, "last30Days": 30, "last90Days": 90, "last365Days": 365}


@dataclass
class _Plan:
    """What a clause comes to: sets to intersect, sets to take away, tests for what is left."""

    within: list[set[str]] = field(default_factory=list)
    without: list[set[str]] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)


def matching(index: Index, query: Mapping[str, Any], now: datetime) -> set[str]:
    """The ids that the query means; `now` is for time periods."""
    found = [_clause_ids(index, clause, now) for clause in query["clauses"]]
    if query["type"] == "or":
        return set().union(*found)
    return found[0].intersection(*found[1:])


def sort_ids(index: Index, ids: Iterable[str], sort: list[Mapping[str, str]] | None) -> list[str]:
    """The ids in the order asked for; `updatedAt`, newest first, when nothing was asked."""
    ordered = sorted(ids)
    for by in reversed(sort or [{"field": "updatedAt", "direction": "desc"}]):
        path = by["field"].split(".")
        ordered.sort(key=lambda event_id: _sort_key(index[event_id], path), reverse=by["direction"] == "desc")
    return ordered


def _sort_key(row: Row, path: Sequence[str]) -> tuple[bool, str]:
    value = _at(row, path)
    return value is not None, "" if value is None else str(value)


def _clause_ids(index: Index, clause: Mapping[str, Any], now: datetime) -> set[str]:
    if "clauses" in clause:
        return matching(index, clause, now)
    plan = _Plan()
    for name, condition in clause.items():
        _add(plan, index, name, condition, now)
    if plan.within:
        smallest, *others = sorted(plan.within, key=len)
        ids: Iterable[str] = smallest.intersection(*others)
    else:
        ids = index.all_ids()
    for taken in plan.without:
        ids = set(ids) - taken
    if not plan.tests:
        return set(ids)
    return {event_id for event_id in ids if all(test(index[event_id]) for test in plan.tests)}


def _add(plan: _Plan, index: Index, name: str, condition: Any, now: datetime) -> None:
    match name:
        case _ if condition is None:
            pass
        case "eventType":
            plan.within.append(index.holding(("type", condition)))
        case "id":
            plan.within.append(index.holding(("id", condition)))
        case "createdAt" | "updatedAt":
            plan.tests.append(_time_test((name,), condition, now))
        case "createdAtLocation" | "updatedAtLocation":
            plan.within.append(_place_ids(index, name, condition))
        case "flags":
            _add_flags(plan, index, condition)
        case "legalStatuses.REGISTERED.acceptedAt":
            plan.tests.append(_time_test(tuple(name.split(".")), condition, now))
        case _ if name.startswith("legalStatuses.") and not name.endswith("registrationNumber"):
            wanted = condition.get("terms") or [condition.get("term", condition.get("location"))]
            plan.tests.append(_value_test(tuple(name.split(".")), set(wanted)))
        case "data":
            for field_id, term in conditions_of(condition):
                _add_data(plan, index, field_id, term, now)
        case _:
            plan.within.append(_exact_ids(index, name, condition))


def conditions_of(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Field ids and terms; the wire may write the dot of an id as four underscores, as the index does."""
    return ((name.replace("____", "."), term) for name, term in data.items())


def _exact_ids(index: Index, name: str, condition: Any) -> set[str]:
    if isinstance(condition, str):
        return index.holding((name, condition))
    if condition["type"] == "anyOf":
        return set().union(*(index.holding((name, term)) for term in condition["terms"]))
    return index.holding((name, condition["term"]))


def _place_ids(index: Index, name: str, condition: Mapping[str, str]) -> set[str]:
    if condition["type"] == "within":
        return index.holding((f"{name}.within", condition["location"]))
    return index.holding((name, condition["term"]))


def _add_flags(plan: _Plan, index: Index, condition: Mapping[str, list[str]]) -> None:
    if "anyOf" in condition:
        plan.within.append(set().union(*(index.holding(("flag", flag)) for flag in condition["anyOf"])))
    for flag in condition.get("allOf", ()):
        plan.within.append(index.holding(("flag", flag)))
    for flag in condition.get("noneOf", ()):
        plan.without.append(index.holding(("flag", flag)))


def _add_data(plan: _Plan, index: Index, field_id: str, term: Mapping[str, Any], now: datetime) -> None:
    path = ("declaration", field_id)
    match term["type"]:
        case "exact" if isinstance(term["term"], str) and len(term["term"]) <= 64:
            plan.within.append(index.holding((f"data.{field_id}", term["term"])))
        case "anyOf":
            plan.tests.append(_value_test(path, set(term["terms"])))
        case "fuzzy":
            plan.tests.append(_fuzzy_test(field_id, term["term"]))
        case "range" | "timePeriod":
            plan.tests.append(_time_test(path, term, now))
        case "within":
            plan.tests.append(_value_test(path, {term["location"]}))
        case _:
            plan.tests.append(_value_test(path, {term["term"]}))


def _at(row: Row, path: Sequence[str]) -> Any:
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _value_test(path: tuple[str, ...], wanted: set[Any]) -> Test:
    def holds(row: Row) -> bool:
        value = _at(row, path)
        return not isinstance(value, dict | list) and value in wanted

    return holds


def _time_test(path: tuple[str, ...], condition: Mapping[str, Any], now: datetime) -> Test:
    match condition["type"]:
        case "exact":
            start, end = condition["term"], condition["term"] + "~"
        case "timePeriod":
            days = _DAYS[condition["term"]]
            start, end = (now - timedelta(days=days)).date().isoformat(), "~"
        case _:
            start, end = condition.get("gte", ""), condition.get("lte", "") + "~"

    def holds(row: Row) -> bool:
        value = _at(row, path)
        # ISO texts compare as instants do; a bare day as upper end takes in the whole day
        return isinstance(value, str) and start <= value <= end

    return holds


def _fuzzy_test(field_id: str, term: str) -> Test:
    words = term.casefold().split()

    def holds(row: Row) -> bool:
        others = name_words(row["declaration"].get(field_id))
        return bool(words) and all(near(word, others) for word in words)

    return holds

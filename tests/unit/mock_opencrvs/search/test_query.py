"""No query of a search breaks its reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_opencrvs.search.query import search_input
from mock_opencrvs.zod import parse
from tests.unit.mock_opencrvs.values import anything
from wire.opencrvs.profiles import Profile

_words = st.sampled_from(
    ["type", "term", "terms", "clauses", "data", "exact", "fuzzy", "child.name", "flags"]
)
_queries = st.recursive(
    anything | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=16,
)


_NUMBER = {"legalStatuses.REGISTERED.registrationNumber": {"type": "exact", "term": "N1"}}


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize(
    ("clause", "taken"),
    [
        (_NUMBER, True),
        ({"legalStatuses": {"REGISTERED": {"registrationNumber": {"type": "exact", "term": "N1"}}}}, False),
        ({"type": "or", "clauses": [_NUMBER, {"type": "and", "clauses": [{"eventType": "birth"}]}]}, True),
        ({"type": "or", "clauses": []}, False),
        ({"type": "or", "clauses": [{}]}, False),
        ({"clauses": [_NUMBER]}, False),
    ],
)
def test_a_clause_is_of_cores_conditions_or_a_query(clause: Any, taken: bool, profile: Profile) -> None:
    query = {"type": "and", "clauses": [clause]}
    read, issues = parse(search_input(profile), {"query": query}, 3 if profile is Profile.V1_9 else 4)
    assert (not issues) is taken
    if taken:
        assert read["query"] == query


@given(_queries, st.sampled_from([3, 4]))
def test_no_query_breaks_the_reader(clause: Any, zod: int) -> None:
    value = {"query": {"type": "and", "clauses": [clause]}}
    _, issues = parse(search_input(Profile.V1_9 if zod == 3 else Profile.V2_0), value, zod)
    assert isinstance(issues, list)

"""How alike two names are, as the search index judges."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_opencrvs.search.likeness import edits, name_words, near, same_id, similar_name

WORDS = st.text("ab", max_size=6)


@cache
def distance(one: str, two: str) -> int:
    """Levenshtein's, as it is defined."""
    if not one or not two:
        return len(one) + len(two)
    swapped = distance(one[1:], two[1:]) + (one[0] != two[0])
    return min(swapped, distance(one[1:], two) + 1, distance(one, two[1:]) + 1)


@given(WORDS, WORDS, st.integers(0, 3))
def test_edits_are_counted_up_to_the_limit(one: str, two: str, limit: int) -> None:
    assert edits(one, two, limit) == min(distance(one, two), limit + 1)


@pytest.mark.parametrize(
    ("word", "others", "alike"),
    [
        ("chanda", ["chonde"], True),  # six letters: two edits
        ("chanda", ["shonds"], False),
        ("banda", ["bando"], True),  # five: one
        ("banda", ["bondo"], False),
        ("li", ["lu"], False),  # two: none
        ("li", ["lilian"], True),  # a beginning will do
        ("lilian", ["li"], False),
        ("x", [], False),
    ],
)
def test_a_few_edits_are_forgiven(word: str, others: list[str], alike: bool) -> None:
    assert near(word, others) is alike


@pytest.mark.parametrize(
    ("one", "two", "similar"),
    [
        ({"firstname": "Chanda", "surname": "Mulenga"}, {"firstname": "CHANDE", "surname": "Mulenge"}, True),
        ({"firstname": "Chanda", "surname": "Mulenga"}, {"firstname": "Chanda", "surname": "Banda"}, False),
        ({"firstname": "Chanda"}, {"firstname": "Chanda"}, False),
        ({"firstname": "", "surname": "x"}, {"firstname": "", "surname": "x"}, False),
        ("Chanda", {"firstname": "Chanda", "surname": "x"}, False),
    ],
)
def test_two_names_are_similar_in_both_their_parts(one: Any, two: Any, similar: bool) -> None:
    assert similar_name(one, two) is similar


@pytest.mark.parametrize(
    ("one", "two", "same"), [(None, "1", True), ("1", None, True), ("1", "1", True), ("1", "2", False)]
)
def test_an_id_that_is_missing_says_nothing(one: Any, two: Any, same: bool) -> None:
    assert same_id(one, two) is same


def test_words_of_a_name_or_a_text() -> None:
    assert name_words({"firstname": "Chanda Mwape", "middlename": None, "surname": "BANDA"}) == [
        "chanda",
        "mwape",
        "banda",
    ]
    assert name_words("A  b") == ["a", "b"]

"""Values in languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.mosip import languages


@given(st.text(min_size=1, max_size=40), st.sampled_from(["eng", "fra", "ara"]))
def test_language_values_round_trip(value: str, language: str) -> None:
    text = languages.language_text(value, language)
    assert languages.read_language(text) == value
    assert languages.read_language(languages.language_values(value, language)) == value


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("plain", "plain"),
        ("", None),
        (None, None),
        ("[broken", "[broken"),
        ('{"language":"eng","value":"x"}', "x"),
        ([1, {"language": "eng", "value": 2}], None),
        (7, None),
    ],
)
def test_values_of_other_forms_are_read_as_they_are(value: Any, read: str | None) -> None:
    assert languages.read_language(value) == read

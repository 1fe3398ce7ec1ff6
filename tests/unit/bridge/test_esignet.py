"""Userinfo claims as the country's form takes them (contract mosip §9.4, §9.6, §15 row 6)."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.mosip.esignet import form_values, registered_uri

BOTH = {"name#fr": "Amara Koné", "name#en": "Amara Kone", "gender#fr": "Féminin", "gender#en": "Female"}


@pytest.mark.parametrize(
    ("claims", "language", "surname"),
    [
        (BOTH, "eng", "Kone"),
        (BOTH, "fra", "Koné"),
        (BOTH, "swa", "Koné"),
        (BOTH | {"name": "Amara Plain"}, "swa", "Plain"),
        (BOTH | {"name": "Amara Plain"}, "eng", "Kone"),
        ({"name#eng": "Amara Kone", "name#fra": "Amara Koné"}, "fra", "Koné"),
        ({"name#fr-CI": "Amara Koné", "name#en-GB": "Amara Kone"}, "eng", "Kone"),
        ({"name": "Amara Kone"}, "fra", "Kone"),
        ({"family_name#en": "Kone", "family_name#fr": "Koné", "given_name": "Amara"}, "fra", "Koné"),
    ],
)
def test_names_are_those_of_the_language(claims: dict[str, Any], language: str, surname: str) -> None:
    assert form_values(claims, language)["name"]["surname"] == surname


@pytest.mark.parametrize(
    ("claims", "language", "gender"),
    [
        ({"gender": "Female"}, "eng", "female"),
        ({"gender": "MLE"}, "eng", "male"),
        ({"gender": "Others"}, "eng", "unknown"),
        (BOTH, "fra", "female"),
        ({"gender": "Féminin"}, "fra", None),
        ({"gender#fr": "Féminin"}, "eng", None),
        ({"gender": "10003"}, "eng", None),
        ({"gender": 3}, "eng", None),
        ({}, "eng", None),
    ],
)
def test_a_gender_that_the_form_does_not_know_is_not_put_into_it(
    claims: dict[str, Any], language: str, gender: str | None
) -> None:
    assert form_values(claims, language)["gender"] == gender


@pytest.mark.parametrize(
    ("location", "uri"),
    [
        ("https://register.example/cb?code=c&state=s", "https://register.example/cb"),
        ("https://register.example/cb?state=s&code=c&iss=https%3A%2F%2Fe#top", "https://register.example/cb"),
        ("https://register.example/cb?step=2&code=c&state=s", "https://register.example/cb?step=2"),
        ("https://register.example/cb?", "https://register.example/cb"),
        ("https://register.example/cb", "https://register.example/cb"),
    ],
)
def test_a_form_may_name_itself_as_it_stands_in_the_browser(location: str, uri: str) -> None:
    assert registered_uri(location) == uri

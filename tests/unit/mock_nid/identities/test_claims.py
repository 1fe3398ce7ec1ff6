"""A person as OpenID claims (contract mosip §9.4)."""

from __future__ import annotations

from typing import Any

import pytest

from mock_nid.identities.claims import SUPPORTED, claims_of
from mock_nid.identities.people import Person

NAME = [{"language": "eng", "value": "Amara Ngozi Okonjo"}, {"language": "fra", "value": "Amara N. Okonjo"}]
AMARA = Person(
    "4238670978",
    {
        "fullName": NAME,
        "gender": [{"language": "eng", "value": "Female"}],
        "dateOfBirth": "1991/02/28",
        "phone": "0911",
        "addressLine1": [{"language": "eng", "value": "1 Main Road"}],
        "province": [{"language": "eng", "value": "Central"}],
    },
)


def told(*wanted: str, person: Person = AMARA, **more: Any) -> dict[str, Any]:
    found = claims_of(person, wanted, subject="PSUT", individual_id="VID", **more)
    assert found.pop("sub") == "PSUT"
    return found


@pytest.mark.parametrize(
    ("wanted", "claims"),
    [
        ("birthdate", {"birthdate": "1991/02/28"}),
        ("individual_id", {"individual_id": "VID"}),
        ("gender", {"gender": "Female"}),
        ("phone_number", {"phone_number": "0911"}),
        ("phone_number_verified", {"phone_number_verified": True}),
        ("given_name", {"given_name": "Amara"}),
        ("middle_name", {"middle_name": "Ngozi"}),
        ("family_name", {"family_name": "Okonjo"}),
        ("address", {"address": {"street_address": "1 Main Road", "region": "Central"}}),
        ("email", {}),
        ("of_nobody", {}),
    ],
)
def test_a_claim_is_told_when_the_person_has_it(wanted: str, claims: dict[str, Any]) -> None:
    assert told(wanted) == claims


@pytest.mark.parametrize(
    ("locales", "names"),
    [
        (("en",), {"name": "Amara Ngozi Okonjo"}),
        (("fr",), {"name": "Amara N. Okonjo"}),
        (("fra",), {"name": "Amara N. Okonjo"}),
        (("en", "fr"), {"name#en": "Amara Ngozi Okonjo", "name#fr": "Amara N. Okonjo"}),
        (("sw",), {"name": "Amara Ngozi Okonjo"}),
    ],
)
def test_a_text_is_told_in_the_languages_that_were_asked_for(
    locales: tuple[str, ...], names: dict[str, str]
) -> None:
    assert told("name", locales=locales) == names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Amara", {"given_name": "Amara"}),
        ("Amara Okonjo", {"given_name": "Amara", "family_name": "Okonjo"}),
        ("", {}),
    ],
)
def test_a_name_is_split(name: str, parts: dict[str, str]) -> None:
    person = Person("1", {"fullName": name})
    wanted = ("given_name", "middle_name", "family_name")
    assert told(*wanted, person=person) == parts


def test_of_nobody_known_only_what_is_no_attribute_is_told() -> None:
    assert set(told(*SUPPORTED, person=Person("1", {}))) == {
        "individual_id",
        "registration_type",
        "picture",
        "updated_at",
    }

"""Demographic matching by MOSIP's rules and by the OpenCRVS mock's (contract mosip §6.7)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mock_nid.ida.faults import IdaRefused
from mock_nid.ida.matching import mismatches
from mock_nid.identities.people import Person, load_people

TODAY = date(2026, 3, 2)
PEOPLE = load_people(None)
KOFI = PEOPLE.persons["9053126376"]
NADIA = PEOPLE.persons["6752385048"]


def eng(text: str, language: str = "eng") -> list[dict[str, str]]:
    return [{"language": language, "value": text}]


@pytest.mark.parametrize(
    ("person", "given", "codes"),
    [
        (KOFI, {"name": eng("Kofi Daniel Mensah")}, []),
        (KOFI, {"name": eng("mensah KOFI daniel")}, []),
        (KOFI, {"name": eng("Mr. Kofi Daniel Mensah")}, []),
        (KOFI, {"name": eng("Kofi Mensah")}, ["IDA-DEA-001"]),
        (KOFI, {"name": eng("Kofi Daniel Mensa")}, ["IDA-DEA-001"]),
        (KOFI, {"gender": eng("male")}, []),
        (KOFI, {"gender": eng("Female")}, ["IDA-DEA-001"]),
        (KOFI, {"dob": "1987/06/09"}, []),
        (KOFI, {"dob": "1987/06/10"}, ["IDA-DEA-001"]),
        (KOFI, {"dob": "1987/06/10", "name": eng("X")}, ["IDA-DEA-001", "IDA-DEA-001"]),
        (KOFI, {"age": "38"}, []),
        (KOFI, {"age": "20"}, ["IDA-DEA-001"]),
        (KOFI, {"phoneNumber": "0911222444"}, []),
        (KOFI, {"emailId": "other@example.org"}, ["IDA-DEA-001"]),
        (KOFI, {"location1": eng("ibombo")}, []),
        (KOFI, {"name": eng("Kofi Daniel Mensah", "fra")}, ["IDA-DEA-003"]),
        (NADIA, {"gender": eng("féminin", "fra")}, []),
        (KOFI, {"name": [], "dob": "", "otp": "", "age": None}, []),
    ],
)
def test_matching(person: Person, given: dict[str, Any], codes: list[str]) -> None:
    assert [one.code for one in mismatches(given, person, TODAY, ordered=False)] == codes


def test_the_upstream_mock_minds_the_order() -> None:
    given = {"name": eng("Mensah Daniel Kofi")}
    assert mismatches(given, KOFI, TODAY, ordered=True)
    assert not mismatches({"name": eng("kofi daniel MENSAH")}, KOFI, TODAY, ordered=True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"dob": "1987-06-09"}, "IDA-MLC-009"),
        ({"dob": "1987/02/30"}, "IDA-MLC-009"),
        ({"dob": 1987}, "IDA-MLC-009"),
        ({"age": "old"}, "IDA-MLC-009"),
        ({"name": "Kofi"}, "IDA-MLC-009"),
        ({"name": [1]}, "IDA-MLC-009"),
        ({"name": eng("Kofi", "xxx")}, "IDA-DEA-002"),
    ],
)
def test_what_cannot_be_compared(given: dict[str, Any], code: str) -> None:
    with pytest.raises(IdaRefused) as refused:
        mismatches(given, KOFI, TODAY, ordered=False)
    assert refused.value.faults[0].code == code


def test_a_mismatch_names_attribute_and_language() -> None:
    (one,) = mismatches({"name": eng("X")}, KOFI, TODAY, ordered=False)
    assert (one.message, one.action) == (
        "Demographic data name in eng did not match",
        "Please re-enter your name in eng",
    )

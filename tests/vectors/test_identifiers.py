"""UIN, VID, RID and check digits of the known answers."""

from __future__ import annotations

import pytest

from tests.unit.wire_mosip.known import IDS
from wire.mosip import identifiers


@pytest.mark.parametrize("number", IDS["uin_valid"])
def test_known_uins_are_valid(number: str) -> None:
    assert identifiers.uin_fault(number) is None and identifiers.passes_uin_filter(number)


@pytest.mark.parametrize("number", IDS["vid_valid"])
def test_known_vids_are_valid(number: str) -> None:
    assert identifiers.vid_fault(number) is None and identifiers.passes_vid_filter(number)


@pytest.mark.parametrize("case", IDS["uin_invalid"], ids=lambda case: case["kernel"])
def test_known_bad_uins_get_the_kernels_code(case: dict[str, str]) -> None:
    assert identifiers.uin_fault(case["value"]) == case["kernel"]


@pytest.mark.parametrize("case", IDS["vid_invalid"], ids=lambda case: case["kernel"])
def test_known_bad_vids_get_the_kernels_code(case: dict[str, str]) -> None:
    assert identifiers.vid_fault(case["value"]) == case["kernel"]


@pytest.mark.parametrize("pair", IDS["verhoeff"], ids=lambda pair: pair["body"])
def test_known_check_digits(pair: dict[str, str]) -> None:
    assert identifiers.check_digit(pair["body"]) == pair["digit"]
    assert identifiers.checksum_holds(pair["body"] + pair["digit"])

"""Registration numbers by a template."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bridge.country.numbering import Series, checked
from bridge.country.policy import Policy
from bridge.settings import Settings

NOW = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
OFFICE = "b3d1c2aa-0000-4000-8000-00000000000f"


def series(template: str, office: str = OFFICE, **codes: str) -> Series:
    found = Policy(number_template=template, office_codes=codes).number("birth", "K7QX2M", NOW, office)
    assert isinstance(found, Series)
    return found


@pytest.mark.parametrize(
    ("template", "numbers"),
    [
        ("{sequence}", ["1", "12", "12345"]),
        ("{sequence:04}/{year}", ["0001/2026", "0012/2026", "12345/2026"]),
        ("{year}{letter}{sequence:03}", ["2026B001", "2026B012", "2026B12345"]),
        (
            "{office}-{sequence:02}-{eventType}",
            ["0000000f-01-birth", "0000000f-12-birth", "0000000f-12345-birth"],
        ),
    ],
)
def test_counted_number(template: str, numbers: list[str]) -> None:
    assert [series(template).number(count) for count in (1, 12, 12345)] == numbers


def test_what_else_the_template_names_has_a_counter_of_its_own_whatever_the_width() -> None:
    assert series("{office}/{sequence:04}/{year}").key == "0000000f/{sequence}/2026"
    assert series("{sequence}/{year}").key == series("{sequence:05}/{year}").key == "{sequence}/2026"


def test_office_has_the_code_that_the_country_gives_it() -> None:
    policy = Settings(number_template="{office}{sequence}", office_codes=f"{OFFICE}=IB").policy
    assert policy.number_names_office
    assert policy.number("birth", "A", NOW, OFFICE) == Series("IB", "")
    assert policy.number("birth", "A", NOW, "b3d1c2aa-0000-4000-8000-000000000010") == Series("00000010", "")


@pytest.mark.parametrize(
    "template",
    ["{trackingId}", "{office}/{trackingId}", "{sequence}", "{sequence:09}{letter}", "{{{sequence}}}"],
)
def test_template_that_gives_each_record_its_own_number_is_taken(template: str) -> None:
    assert checked(template) == template


@pytest.mark.parametrize(
    "template",
    [
        "{year}",
        "{sequence}{trackingId}",
        "{sequence:4}",
        "{sequence:00}",
        "{sequence}{sequence}",
        "{sequence}{place}",
        "{trackingId}{}",
        "{trackingId}{",
        "{{sequence}}",
        "{sequence}{year.one}",
    ],
)
def test_template_that_cannot_be_used_is_refused_by_name(template: str) -> None:
    with pytest.raises(ValidationError, match=r"BRIDGE_REGISTRATION_NUMBER\n.*\{sequence\}"):
        Settings.model_validate({"BRIDGE_REGISTRATION_NUMBER": template})


@pytest.mark.parametrize("codes", ["IB", f"{OFFICE}="])
def test_code_without_its_office_is_refused(codes: str) -> None:
    with pytest.raises(ValidationError, match="BRIDGE_OFFICE_CODES"):
        Settings.model_validate({"BRIDGE_OFFICE_CODES": codes})

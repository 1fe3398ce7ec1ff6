"""One value of each kind of field (contract opencrvs §8)."""

from __future__ import annotations

from typing import Any

import pytest

from mock_opencrvs.forms.values import complaints

NAME = {"firstname": "A", "surname": "B"}
FILE = {"path": "a", "originalFilename": "b", "type": "c"}
ABROAD = {"country": "ZMB", "addressType": "INTERNATIONAL"}
LINES = {"streetAddressForm": [{"id": "state"}]}


@pytest.mark.parametrize(
    ("kind", "value", "configuration", "expected"),
    [
        ("NAME", NAME, {}, []),
        ("NAME", {"firstname": "A"}, {}, ["Required"]),
        ("NAME", {"firstname": " ", "surname": "B"}, {}, ["Required"]),
        ("NAME", {"firstname": "A", "surname": ""}, {"name": {"surname": {"required": False}}}, []),
        ("NAME", NAME, {"name": {"middlename": {"required": True}}}, ["Required"]),
        ("DATE", "2026-02-29", {}, ["Invalid date field"]),
        ("EMAIL", "x", {}, ["Invalid email address"]),
        ("TIME", "7:30", {}, ["Invalid input"]),
        ("TEXT", "  ", {}, ["Required"]),
        ("TEXT", 5, {}, ["Invalid input"]),
        ("AGE", {"age": 34, "asOfDateRef": "child.dob"}, {}, []),
        ("NUMBER", True, {}, ["Invalid input"]),
        ("ADDRESS", ABROAD, {}, []),
        ("ADDRESS", ABROAD | {"streetLevelDetails": {"state": "S"}}, LINES, []),
        ("ADDRESS", ABROAD | {"streetLevelDetails": {"planet": "S"}}, LINES, ["Invalid input"]),
        ("ADDRESS", {"country": "FAR", "addressType": "DOMESTIC"}, {}, ["Required"]),
        (
            "ADDRESS",
            {"country": "FAR", "addressType": "DOMESTIC", "administrativeArea": "x"},
            {},
            ["Invalid input"],
        ),
        ("FILE", FILE, {}, []),
        ("FILE_WITH_OPTIONS", [FILE], {}, ["Invalid input"]),
        ("FILE_WITH_OPTIONS", [], {}, ["Required"]),
        ("VERIFICATION_STATUS", "maybe", {}, []),
        ("SOMETHING_NEW", object(), {}, []),
    ],
)
def test_values(kind: str, value: Any, configuration: dict[str, Any], expected: list[str]) -> None:
    assert complaints(kind, value, required=True, needed="Required", configuration=configuration) == expected

"""The words of zod 3 and zod 4 about one value (contract opencrvs §3.3)."""

from __future__ import annotations

import pytest

from mock_opencrvs.zod import Uuid, parse

GOOD = "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"


@pytest.mark.parametrize(
    ("text", "three", "four"),
    [
        (GOOD, True, True),
        ("5a1c2c0e-7a0f-0d51-9b7b-0b7f0f6d9a11", True, False),
        ("5a1c2c0e-7a0f-9d51-9b7b-0b7f0f6d9a11", True, False),
        ("00000000-0000-0000-0000-000000000000", True, True),
        ("5a1c2c0e7a0f4d519b7b0b7f0f6d9a11", False, False),
        (GOOD + "\n", False, False),
    ],
)
def test_uuids(text: str, three: bool, four: bool) -> None:
    assert (not parse(Uuid(), text, 3)[1]) is three
    assert (not parse(Uuid(), text, 4)[1]) is four

"""Dates and other formats of texts: what zod, ajv-formats and V8's Date take, and nothing of Python's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mock_opencrvs.forms.formats import has_format, instant

DAY = datetime(2026, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        # as node 20 reads them; without a zone ours is UTC
        ("2026-02-20", DAY),
        ("2026-02-20T10:00", DAY.replace(hour=10)),
        ("2026-02-20 10:00:00", DAY.replace(hour=10)),
        ("2026-02-20T10:00:00+01:00", DAY.replace(hour=9)),
        ("02-20-2026", DAY),
        ("2/20/2026", DAY),
        ("2-2", datetime(2001, 2, 2, tzinfo=UTC)),
        ("20260220", None),
        ("2026-W08-5", None),
        ("2026-02-20T10", None),
        ("2026-02-20T10:00:00,5Z", None),
        ("13-13-2026", None),
        ("soon", None),
        (5, None),
    ],
)
def test_what_new_date_gives(text: object, read: datetime | None) -> None:
    found = instant(text)
    assert (found if found is None else found.astimezone(UTC)) == read


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date", "2026-02-20", "2026-W08-5"),
        ("date", "2024-02-29", "2026-02-29"),
        ("date", "2026-02-20", "20260220"),
        ("time", "23:59:59Z", "24:00:00Z"),
        ("time", "10:00:00+01:00", "10:00:00"),
        ("date-time", "2026-02-20T10:00:00.5Z", "2026-02-20 10:00:00Z"),
        ("date-time", "2026-02-20t10:00:00Z", "2026-02-30T10:00:00Z"),
        ("email", "a@b.example", "a@b"),
        ("uuid", "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11", "5a1c2c0e7a0f4d519b7b0b7f0f6d9a11"),
        ("uri", "urn:x", "//host"),
    ],
)
def test_a_text_has_its_format_or_not(name: str, good: str, bad: str) -> None:
    assert has_format(name, good) and not has_format(name, bad)


def test_a_format_that_nobody_knows_takes_anything() -> None:
    assert has_format("colour", "x") and has_format(None, "x")

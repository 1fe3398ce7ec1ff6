"""The benchmark still measures: a question that its stub did not know once brought it to a halt."""

from __future__ import annotations

from pathlib import Path

from bench.load import Size
from bench.registrations import intake, registrations, verifications
from bench.systems import with_mock, with_stub
from bench.triggers import clicks
from wire.world import World

SIZE = Size(count=3, in_flight=2, warm_up=1)


async def test_every_row_is_measured_with_the_stub(tmp_path: Path) -> None:
    async with with_stub(tmp_path, World.system(), SIZE.in_flight) as parts:
        for work in (intake, registrations, verifications):
            assert (await work(parts, SIZE)).count == SIZE.count
        assert parts.country is not None
        assert parts.country.again == 0


async def test_clicks_are_measured_with_the_mock(tmp_path: Path) -> None:
    async with with_mock(tmp_path, World.system(), SIZE.in_flight) as parts:
        assert (await clicks(parts, SIZE)).count == SIZE.count

"""What the bridge looks after by itself, how often, and that one trouble keeps nothing else from its turn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from bridge.flow.housekeeping import Housekeeping
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import Registration, State
from bridge.settings import Settings
from bridge.store.store import Store
from wire.world import World

DAY = 86400.0


@dataclass
class Kept:
    """A store with tokens that run out, and settled registrations."""

    expires: list[Registration] = field(default_factory=list)
    settled: int = 0
    sick: bool = False
    purged_before: datetime | None = None
    rotated: int = 0

    async def expiring(
        self, before: datetime, *, after: Registration | None, limit: int
    ) -> list[Registration]:
        if self.sick:
            raise RuntimeError("nobody thought of this")
        found = [one for one in self.expires if one.token_expires_at and one.token_expires_at <= before]
        start = found.index(after) + 1 if after else 0
        return found[start : start + limit]

    async def purge(self, before: datetime, *, most: int) -> bool:
        self.purged_before = before
        self.settled = max(0, self.settled - most)
        return self.settled > 0

    async def run(self) -> None:
        self.rotated += 1

    @property
    def listings(self) -> Kept:
        return self

    @property
    def erasure(self) -> Kept:
        return self

    @property
    def rotation(self) -> Kept:
        return self


@dataclass
class Core:
    can_outlive: bool = False

    @property
    def credentials(self) -> Core:
        return self

    @property
    def forms(self) -> Core:
        return self

    async def look(self) -> None:
        """No policy here writes anything."""


def kept_up(world: World, store: Kept, core: Core | None = None, **settings: Any) -> Housekeeping:
    return Housekeeping(Settings(**settings), world.clock, cast(Store, store), cast(OpenCRVS, core or Core()))


@pytest.mark.parametrize(
    ("warning", "seconds"), [(600, 300.0), (7 * DAY, 6 * 3600.0), (12 * 3600, 6 * 3600.0)]
)
def test_between_two_rounds_no_token_slips_through(warning: float, seconds: float) -> None:
    house = kept_up(World.virtual(), Kept(), expiry_warning_seconds=warning)
    assert house.seconds == seconds <= warning / 2


def waiting(world: World, many: int) -> list[Registration]:
    now = world.clock.now()
    one = Registration("", "", "", "birth", "REGISTER", "T", "N", "P", "CRVS_NEW", State.SUBMITTED, now, now)
    return [
        replace(one, id=f"r{n}", event_id=f"e{n}", token_expires_at=now + timedelta(seconds=n))
        for n in range(many)
    ]


async def warned(house: Housekeeping) -> list[str]:
    with capture_logs() as lines:
        await house.warn()
    return [line["registration"] for line in lines if line["event"] == "token runs out"]


async def test_every_token_that_runs_out_in_time_is_named_page_by_page() -> None:
    world = World.virtual()
    store = Kept(waiting(world, 1300))
    assert await warned(kept_up(world, store, expiry_warning_seconds=1200)) == [f"r{n}" for n in range(1201)]


async def test_who_can_confirm_without_the_token_is_not_warned() -> None:
    world = World.virtual()
    store = Kept(waiting(world, 3))
    assert await warned(kept_up(world, store, Core(can_outlive=True))) == []


async def test_what_was_settled_long_ago_is_forgotten_to_the_last_although_another_look_fails() -> None:
    world = World.virtual()
    store = Kept(settled=1200, sick=True)
    house = kept_up(world, store, retention_days=30)
    with capture_logs() as lines:
        house.start()
        await world.clock.settle()
        await house.close()
    assert (store.settled, store.rotated) == (0, 1)
    assert store.purged_before == world.clock.now() - timedelta(days=30)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["background loop failed"]


async def test_it_looks_again_when_its_time_has_come() -> None:
    world = World.virtual()
    store = Kept()
    house = kept_up(world, store, expiry_warning_seconds=600)
    house.start()
    await world.clock.settle()
    await world.clock.advance(299)
    assert store.rotated == 1
    await world.clock.advance(1)
    assert store.rotated == 2
    await house.close()

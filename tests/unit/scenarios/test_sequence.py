"""The diagram of who said what to whom."""

from __future__ import annotations

import pytest

from scenarios.events import Event, Told
from scenarios.story import Actor
from tests.unit.scenarios.played import T0


@pytest.mark.parametrize("many", [0, 1, 150, 201, 900])
def test_a_diagram_shows_long_runs_shortened_and_says_so(many: int) -> None:
    from scenarios.reports.sequence import diagram

    events: list[Event] = [Told(T0, Actor.BRIDGE, f"step {number}") for number in range(many)]
    drawn = diagram(events)
    gaps = [row for row in drawn.rows if row.kind == "gap"]
    assert len(gaps) == (1 if many > 200 else 0)
    assert all(row.y < drawn.height for row in drawn.rows)

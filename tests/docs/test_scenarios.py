"""The page of scenarios."""

from __future__ import annotations

from docs.rendering import scenarios
from scenarios.library import stories


def test_every_scenario_and_every_rank_is_shown() -> None:
    shown = scenarios.scenarios_page()
    shipped = [one for one in stories() if one.play.__module__.startswith("scenarios.scripts.")]
    assert shipped
    assert all(f"### {one.name}\n" in shown for one in shipped)
    assert {rank for one in shipped for rank in one.ranked} == set(scenarios.RANKED), (
        "a rank without a scenario"
    )

"""The page of plans."""

from __future__ import annotations

from docs.rendering import plans
from mock_nid.packets.plans import MAGIC_WORDS, PlannedOutcome


def test_every_plan_is_explained() -> None:
    assert all(outcome.means for outcome in PlannedOutcome)
    shown = plans.plans_page()
    assert all(f"`{word.title()}`" in shown for word in MAGIC_WORDS)

"""The small bridge without a defect is acquitted; one that is late, gone or not subscribed is met."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.events import StoryOutcome
from scenarios.foreign.bridge import MOCK_NID
from scenarios.library import choose, stories
from scenarios.stage.actors.civil_record import CivilRecord
from scenarios.story import ALL_PROFILES, Need
from tests.guilty.trial import IN_MODE, before_the_judge, judged, told
from tests.sizes import examples

USUAL = (
    "async_rejection",
    "bad_trigger_tokens",
    "bridge_killed",
    "callback_lost",
    "opencrvs_down_at_confirm",
)
"""Played each time, on CI in every version of OpenCRVS; all that can be played with `--defects`."""


def test_the_small_bridge_shares_nothing_with_ours() -> None:
    ours = ("bridge", "wire", "testbed", "mock_nid", "mock_opencrvs", "scenarios")
    for source in Path(__file__).with_name("small_bridge").glob("*.py"):
        words = source.read_text(encoding="utf-8").split("\n")
        taken = [line.split()[1].split(".")[0] for line in words if line.startswith(("import ", "from "))]
        assert set(taken) & set(ours) == set(), source.name


@pytest.mark.parametrize("profile", examples(ALL_PROFILES[1:2], [ALL_PROFILES[0], *ALL_PROFILES[2:]]))
async def test_the_honest_bridge_is_acquitted(
    profile: str, rehearsal_keys: Path, request: pytest.FixtureRequest
) -> None:
    played = stories() if request.config.getoption("--defects") else choose(USUAL)
    async with before_the_judge(rehearsal_keys, profile=profile, patience=30) as found:
        endings = (await judged(found, played, profile)).endings
    accused = {one.story.name: told(one) for one in endings if one.failed}
    assert accused == {}
    if len(played) > len(USUAL):
        assert sum(one.outcome is StoryOutcome.PASSED for one in endings) >= 42


async def test_an_honest_bridge_that_verifies_parents_is_acquitted(rehearsal_keys: Path) -> None:
    names = ("verification_parked", "unknown_number", "deactivated_mother")
    async with before_the_judge(rehearsal_keys, **IN_MODE["verifying"]) as found:
        endings = (await judged(found, choose(names))).endings
    assert [(one.outcome, told(one)) for one in endings] == [(StoryOutcome.PASSED, "")] * len(names)


SYNCHRONOUS = (
    "bad_trigger_tokens",
    "clock_off_while_asked",
    "correction",
    "death_without_id",
    "odd_data",
    "opencrvs_key_rotated",
    "question_repeated",
    "sync_rejection",
    "sync_success",
)


async def test_a_synchronous_country_that_never_subscribes_is_judged_for_what_it_does(
    rehearsal_keys: Path,
) -> None:
    heard: list[str] = []
    async with before_the_judge(rehearsal_keys, tell=heard.append, **IN_MODE["sync"]) as found:
        endings = (await judged(found, stories())).endings
    assert {one.story.name: told(one) for one in endings if one.failed} == {}
    assert tuple(one.story.name for one in endings if one.outcome is StoryOutcome.PASSED) == SYNCHRONOUS
    assert any("judged for that" in line for line in heard)


def test_stories_that_set_the_mocks_up_are_met_by_those_of_a_verification() -> None:
    met = {"deactivate_on_death", *MOCK_NID}  # the plan of that story ends the second death anyway
    playable = [one for one in stories() if Need.SETTINGS not in one.needs]
    assert {name for one in playable for name in one.setup.mock_nid} <= met


async def test_a_second_subscription_eight_seconds_late_is_waited_for(rehearsal_keys: Path) -> None:
    async with before_the_judge(
        rehearsal_keys, patience=6, hooks=False, SECOND_LATER="8", POLL="600"
    ) as found:
        (ended,) = (await judged(found, choose(["async_rejection"]))).endings
    assert ended.outcome is StoryOutcome.PASSED, told(ended)


@pytest.mark.parametrize("behind_a_country", [False, True])
async def test_a_crash_is_named_at_its_story_and_what_follows_is_not_played(
    behind_a_country: bool, rehearsal_keys: Path
) -> None:
    names = ("opencrvs_down_at_confirm", "death_without_id")
    async with before_the_judge(
        rehearsal_keys,
        defects=["opencrvs_away_ends_it"],
        patience=6,
        hooks=False,
        behind_a_country=behind_a_country,
    ) as found:
        crashed, after = (await judged(found, choose(names))).endings
    assert "the bridge has crashed" in crashed.failures[0]
    assert after.outcome is StoryOutcome.NOT_PLAYED
    assert "gone since opencrvs_down_at_confirm" in after.failures[0]


async def test_what_a_bridge_does_not_do_is_not_offered(rehearsal_keys: Path) -> None:
    async with before_the_judge(rehearsal_keys, patience=6, hooks=False) as found:
        (ended,) = (await judged(found, choose(["biographic_update"]))).endings
    assert ended.outcome is StoryOutcome.NOT_PLAYED
    assert "not offered" in ended.failures[0]


async def test_a_wrong_echo_is_told_while_the_subscription_is_waited_for(
    rehearsal_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that it answers 202 is seen by the click, for when the record is looked at it may be registered."""

    async def no_more(record: CivilRecord) -> bool:
        return False

    monkeypatch.setattr(CivilRecord, "is_waiting", no_more)
    heard: list[str] = []
    async with before_the_judge(
        rehearsal_keys, defects=["challenge_echoed_as_json"], seconds=10, tell=heard.append
    ) as found:
        assert found.foreign.waits
        assert found.foreign.listens
    assert any("Waiting for it to subscribe" in line and "--patience" in line for line in heard)
    assert any("the body is to be hub.challenge" in line for line in heard)

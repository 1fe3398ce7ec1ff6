"""A bridge that makes one known mistake: the judge must name the promise, the record and what shows it."""

from __future__ import annotations

import pytest

from bridge.settings import Settings
from scenarios.events import Outcome
from scenarios.library import Story
from scenarios.stage import HUB_SECRET, Stage, days, minutes
from scenarios.verdicts import Ruling, Verdict
from tests.scenarios.broken_bridge import BrokenBridge
from tests.scenarios.conftest import Play
from wire.world import World


async def two_births(stage: Stage) -> None:
    """Two births, a stranger who tries his luck on the first, and time enough for everything."""
    stage.id_system.always("issue", after=minutes(30))
    births = [await stage.registrar.declares_birth() for _ in range(2)]
    for birth in births:
        await stage.registrar.registers(birth)
    await stage.passes(minutes(5))
    if packets := stage.packets_of(births[0]):
        await stage.stranger.sends_credential(packets[0].id, what="an unsigned credential")
    await stage.passes(days(1))


STORY = Story("two_births", "Two births", "", "", two_births)


def starter(*mistakes: str):  # type: ignore[no-untyped-def]
    async def start(settings: Settings, world: World) -> BrokenBridge:
        return await BrokenBridge(settings, world, frozenset(mistakes)).start()

    return start


async def judged(play: Play, *mistakes: str) -> dict[int, Verdict]:
    ending, _ = await play(STORY, bridge=starter(*mistakes))
    assert not ending.failures
    broken = any(verdict.ruling is Ruling.BROKEN for verdict in ending.verdicts)
    assert ending.outcome is (Outcome.FAILED if broken else Outcome.PASSED)
    return {verdict.promise.number: verdict for verdict in ending.verdicts}


async def test_without_a_mistake_the_double_keeps_every_promise(play: Play) -> None:
    verdicts = await judged(play)
    assert all(verdict.kept for verdict in verdicts.values()), verdicts


@pytest.mark.parametrize(
    ("mistake", "promise", "what", "evidence"),
    [
        ("silent", 1, "waits in silence", "answered 202"),
        ("twice", 2, "was registered twice", "REGISTER Accepted"),
        ("swapped", 3, "carries another person's national ID", "issued it to packet"),
        ("talkative", 4, "a JSON web token", "will confirm with the key"),
        ("gullible", 5, "a national ID that a stranger planted", "an unsigned credential"),
    ],
)
async def test_each_mistake_breaks_its_promise_and_the_finding_names_record_and_evidence(
    mistake: str, promise: int, what: str, evidence: str, play: Play
) -> None:
    verdicts = await judged(play, mistake)
    broken = {number for number, verdict in verdicts.items() if verdict.ruling is Ruling.BROKEN}
    assert promise in broken
    # what a stranger planted was also confirmed without the ID system's word, and nothing else is blamed
    assert broken == {promise}
    findings = [f for f in verdicts[promise].findings if what in f.what]
    assert findings, verdicts[promise].findings
    assert all(evidence in " ".join(f.evidence) for f in findings)
    if promise != 4:
        assert all(finding.record.startswith("birth ") for finding in findings)


async def test_no_finding_repeats_a_secret(play: Play) -> None:
    verdicts = await judged(play, "talkative")
    shown = str(verdicts[4].findings)
    assert "eyJ" not in shown
    assert HUB_SECRET not in shown

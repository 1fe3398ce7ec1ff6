"""A bridge that makes one known mistake: the judge must name the promise, the record and what shows it."""

from __future__ import annotations

import pytest

from bridge.settings import Settings
from rehearsal_pytest import verdicts
from scenarios.judging.verdicts import Ruling, Verdict
from scenarios.stage.credentials import HUB_SECRET
from scenarios.stage.servers import BridgeStarter
from scenarios.stage.stage import Stage, days, minutes
from tests.scenarios.broken_bridge import BrokenBridge
from wire.world import World


@pytest.fixture
def mistake() -> str | None:
    """Override by `@pytest.mark.parametrize("mistake", …)`."""
    return None


@pytest.fixture
def rehearsal_bridge(mistake: str | None) -> BridgeStarter:
    async def start(settings: Settings, world: World) -> BrokenBridge:
        return await BrokenBridge(settings, world, frozenset([mistake] if mistake else [])).start()

    return start


@pytest.fixture
async def judged(rehearsal: Stage) -> dict[int, Verdict]:
    """The judge's word on two births, a stranger who tries his luck on the first, and time enough."""
    rehearsal.id_system.always("issue", after=minutes(30))
    births = [await rehearsal.registrar.declares_birth() for _ in range(2)]
    for birth in births:
        await rehearsal.registrar.registers(birth)
    await rehearsal.passes(minutes(5))
    if packets := rehearsal.packets_of(births[0]):
        await rehearsal.stranger.sends_credential(packets[0].id, what="an unsigned credential")
    await rehearsal.passes(days(1))
    return {verdict.promise.number: verdict for verdict in await verdicts(rehearsal)}


async def test_without_a_mistake_the_double_keeps_every_promise(judged: dict[int, Verdict]) -> None:
    assert all(verdict.kept for verdict in judged.values()), judged


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
    promise: int, what: str, evidence: str, judged: dict[int, Verdict]
) -> None:
    broken = {number for number, verdict in judged.items() if verdict.ruling is Ruling.BROKEN}
    assert promise in broken
    # what a stranger planted was also confirmed without the ID system's word, and nothing else is blamed
    assert broken == {promise}
    findings = [f for f in judged[promise].findings if what in f.what]
    assert findings, judged[promise].findings
    assert all(evidence in " ".join(f.evidence) for f in findings)
    if promise != 4:
        assert all(finding.record.startswith("birth ") for finding in findings)


@pytest.mark.parametrize("mistake", ["talkative"])
async def test_no_finding_repeats_a_secret(judged: dict[int, Verdict]) -> None:
    shown = str(judged[4].findings)
    assert "eyJ" not in shown
    assert HUB_SECRET not in shown

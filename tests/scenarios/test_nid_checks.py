"""`rehearse verify --nid`, black-box: our mock in a process of its own, and one with known faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.settings import Settings
from mock_nid import app as mock_nid
from mock_nid.settings import Settings as NidSettings
from scenarios.engine import Engine, Options
from scenarios.events import Event, Exchanged, RunEnded, StoryOutcome
from scenarios.foreign.hooks import NotThere
from scenarios.foreign.nid import NID_PROMISES, ForeignIdSystem, KnownPerson, id_system_verification
from scenarios.foreign.nid_checks import NID_CHECKS
from scenarios.judging.verdicts import Ruling
from scenarios.library import choose, stories
from scenarios.reports.words import words
from testbed.faults import Fault, FaultKind
from tests.ports import free_port
from tests.scenarios.processes import program
from wire.world import World

PERSON = KnownPerson("2760938145", "Boniface Tembo", "1951-04-09")


async def verified(
    foreign: ForeignIdSystem, keys: Path, *names: str, profile: str = "2.0"
) -> tuple[RunEnded, list[Event]]:
    told: list[Event] = []
    async with id_system_verification(foreign, keys=keys) as bridge_verification:
        await bridge_verification.awaits_id_system(World.system(), 30)
        chosen = choose(names, (), [*NID_CHECKS.checks, *stories()])
        options = Options(profile=profile, real_time=True)
        engine = Engine(
            bridge_verification.open_stage,
            options,
            [told.append],
            "it",
            foreign.lacks(),
            promises=NID_PROMISES,
        )
        return await engine.run(chosen), told


def ours(url: str, keys: Path) -> Settings:
    """The bridge's settings for an ID system at this address; the hub's callback on any free port."""
    return Settings(mosip_url=url, keys=keys, port=0)


async def test_our_own_mock_in_its_own_process_passes(rehearsal_keys: Path) -> None:
    with program(
        "mock_nid", MOCK_NID_PORT=0, MOCK_NID_ESIGNET_PORT=0, MOCK_NID_KEYS=rehearsal_keys
    ) as addresses:
        foreign = ForeignIdSystem(ours(addresses[0], rehearsal_keys), person=PERSON, patience=30)
        names = ("nid_log_in", "nid_issues", "nid_authenticates", "death", "sync_success", "stalled")
        run, _ = await verified(foreign, rehearsal_keys, *names)
    ended = {ending.story.name: ending for ending in run.endings}
    not_played = ended.pop("stalled")
    assert not_played.outcome is StoryOutcome.NOT_PLAYED
    assert "a foreign one decides by itself, and we cannot break it" in not_played.failures[0]
    for ending in ended.values():
        assert ending.outcome is StoryOutcome.PASSED, (ending.story.name, ending.failures, ending.verdicts)
        assert len(ending.verdicts) == len(NID_PROMISES)
        assert not any(verdict.ruling is Ruling.BROKEN for verdict in ending.verdicts)
    assert all(verdict.kept for verdict in ended["nid_issues"].verdicts), ended["nid_issues"].verdicts


@asynccontextmanager
async def double(keys: Path, **settings: object) -> AsyncIterator[mock_nid.Running]:
    made = NidSettings(port=0, esignet_port=0, keys=keys, processing_seconds="0.2", **settings)  # type: ignore[arg-type]
    running = await mock_nid.start(made, World.system())
    try:
        yield running
    finally:
        await running.close()


@pytest.mark.parametrize("profile", ["1.9", "2.1"])
async def test_every_version_of_opencrvs_plays_against_it(profile: str, rehearsal_keys: Path) -> None:
    async with double(rehearsal_keys) as running:
        foreign = ForeignIdSystem(ours(running.url, rehearsal_keys), patience=20)
        run, told = await verified(foreign, rehearsal_keys, "nid_issues", profile=profile)
    (ending,) = run.endings
    assert ending.outcome is StoryOutcome.PASSED, ending
    assert all(verdict.kept for verdict in ending.verdicts)
    # the proxy tells what passes, and shows nothing that is secret
    exchanges = [event for event in told if isinstance(event, Exchanged)]
    assert {"creates a packet", "delivers: credential issued"} <= {words(event) for event in exchanges}
    shown = " ".join(event.request + event.response + event.target for event in exchanges)
    assert "eyJ" not in shown
    assert foreign.settings.hub_secret.get_secret_value() not in shown


async def faults_told(running: mock_nid.Running, keys: Path) -> dict[int, str]:
    """Number of each broken promise, with what was found."""
    run, _ = await verified(ForeignIdSystem(ours(running.url, keys), patience=2), keys, "nid_issues")
    (ending,) = run.endings
    assert ending.outcome is StoryOutcome.FAILED
    broken = [verdict for verdict in ending.verdicts if verdict.ruling is Ruling.BROKEN]
    return {v.promise.number: " ".join(f"{f.record} {f.what}" for f in v.findings) for v in broken}


async def test_an_error_inside_a_200_is_named(rehearsal_keys: Path) -> None:
    async with double(rehearsal_keys) as running:
        running.faults.add(
            Fault(
                "packet.create", FaultKind.MOSIP_ERROR, count=None, code="KER-PUT-006", message="No provider"
            )
        )
        told = await faults_told(running, rehearsal_keys)
    assert "the packet manager answered 200 and meant an error: KER-PUT-006" in told[6]


async def test_a_swallowed_packet_is_named(rehearsal_keys: Path) -> None:
    async with double(rehearsal_keys) as running:
        running.faults.add(Fault("packet.create", FaultKind.EMPTY_RESPONSE, count=None))
        told = await faults_told(running, rehearsal_keys)
    assert "without an error and without a packet" in told[6]


async def test_unsigned_deliveries_are_named(rehearsal_keys: Path) -> None:
    async with double(rehearsal_keys, hub_sign=False) as running:
        told = await faults_told(running, rehearsal_keys)
    assert set(told) == {7}, told
    assert "without a valid signature" in told[7]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"proof": "jcs"}, "the proof does not hold"),
        ({"thumbprint": "zero"}, "the seal is broken: thumbprint"),
        ({"issuer_url": "https://other.example"}, "a key that is not allowed"),
    ],
)
async def test_a_credential_that_cannot_be_believed_is_named(
    settings: dict[str, object], why: str, rehearsal_keys: Path
) -> None:
    async with double(rehearsal_keys, **settings) as running:
        told = await faults_told(running, rehearsal_keys)
    assert set(told) == {8}, told
    assert why in told[8]


async def test_a_silent_id_system_is_named(rehearsal_keys: Path) -> None:
    async with double(rehearsal_keys, default_plan="stall") as running:
        told = await faults_told(running, rehearsal_keys)
    assert set(told) == {9}, told


async def test_nobody_there_is_said(rehearsal_keys: Path) -> None:
    foreign = ForeignIdSystem(ours(f"http://127.0.0.1:{free_port()}", rehearsal_keys))
    async with id_system_verification(foreign, keys=rehearsal_keys) as bridge_verification:
        with pytest.raises(NotThere, match="nothing answers at"):
            await bridge_verification.awaits_id_system(World.system(), 0.2)

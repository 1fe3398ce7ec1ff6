"""What a Prometheus server is told."""

from __future__ import annotations

import re

from prometheus_client.parser import text_string_to_metric_families

from bridge.advice import Stuck
from tests.kit import ROOT
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import BIRTH, Stage
from tests.servers.bridge.stubs import TOPIC
from tests.servers.bridge.test_work import said

PAGE = ROOT / "docs" / "how-to" / "operate-the-bridge.md"
Samples = dict[tuple[str, ...], float]


async def told(stage: Stage) -> Samples:
    """(name, label values in order of their names) → value."""
    _, text = await ask(stage, "GET", "/metrics", token=None)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_waits_is_told_by_state_and_age(stage: Stage) -> None:
    await stage.submitted()
    await stage.world.clock.advance(2 * 3600)
    await stage.submitted()
    await stage.world.clock.advance(30)
    samples = await told(stage)
    assert samples["bridge_pending", "SUBMITTED"] == 2
    assert samples["bridge_pending", "QUEUED"] == 0
    assert samples["bridge_oldest_pending_seconds", "SUBMITTED"] == 2 * 3600 + 30
    assert samples["bridge_oldest_pending_seconds", "QUEUED"] == 0
    ages = {
        key[1]: value
        for key, value in samples.items()
        if key[0] == "bridge_pending_age_seconds_bucket" and key[2] == "SUBMITTED"
    }
    assert ages == {
        "60.0": 1,
        "600.0": 1,
        "3600.0": 1,
        "21600.0": 2,
        "86400.0": 2,
        "259200.0": 2,
        "604800.0": 2,
        "1.2096e+06": 2,
        "+Inf": 2,
    }
    assert samples["bridge_pending_age_seconds_gcount", "SUBMITTED"] == 2
    assert samples["bridge_pending_age_seconds_gsum", "SUBMITTED"] == 2 * 3600 + 2 * 30


async def test_stuck_ones_are_told_by_reason(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-KPM-002")]
    await stage.submitted()
    samples = await told(stage)
    stuck = {key[1]: value for key, value in samples.items() if key[0] == "bridge_stuck"}
    assert stuck == dict.fromkeys((reason.value for reason in Stuck), 0) | {"nid-refused-packet": 1}
    assert samples["bridge_pending", "STUCK"] == 1


async def test_attempts_and_transitions_are_counted(stage: Stage) -> None:
    stage.mosip.faults["createPacket"] = [said(stage.world, "KER-PUT-018")]
    event = await stage.submitted()
    await stage.world.clock.advance(60)
    rid = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(rid, stage.mosip.credential(rid)))
    samples = await told(stage)
    attempts = {key[1:]: value for key, value in samples.items() if key[0] == "bridge_attempts_total"}
    assert attempts == {("nid", "failed"): 1, ("nid", "done"): 1, ("opencrvs", "done"): 1, ("hub", "done"): 1}
    reached = {key[1]: value for key, value in samples.items() if key[0] == "bridge_transitions_total"}
    assert reached == {"QUEUED": 1, "SUBMITTED": 1, "ISSUED": 1, "CONFIRMED": 1}


async def test_a_destination_that_rests_and_a_subscription_that_fell_are_told(stage: Stage) -> None:
    samples = await told(stage)
    assert samples["bridge_subscribed", TOPIC] == 1
    assert samples["bridge_destination_resting", "nid"] == 0
    stage.mosip.down = True
    for _ in range(6):
        await stage.trigger(stage.opencrvs.record("birth", BIRTH))
    await stage.world.clock.settle()
    await stage.restart(kill=False, port=0)
    await stage.world.clock.advance(60)
    samples = await told(stage)
    assert samples["bridge_subscribed", TOPIC] == 0
    assert samples["bridge_destination_resting", "nid"] == 1


async def test_every_metric_is_explained_to_operators(stage: Stage) -> None:
    await stage.submitted()
    _, text = await ask(stage, "GET", "/metrics", token=None)
    named = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    # what the client library writes beside a counter and a gauge histogram
    told = {name for name in named if not name.endswith(("_created", "_gcount", "_gsum"))}
    explained = set(re.findall(r"^\| `(bridge_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert explained == told


async def test_metrics_tell_numbers_and_nothing_else(stage: Stage) -> None:
    event = await stage.submitted()
    _, text = await ask(stage, "GET", "/metrics", token=None)
    assert 'bridge_pending{state="SUBMITTED"} 1.0' in text
    assert event["id"] not in text

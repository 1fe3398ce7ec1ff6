"""Readiness, metrics and the operators' list tell the same numbers of what waits, whichever the database."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.advice import Stuck
from bridge.registration import FINAL, Secrets, State, Task
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_certificates import files
from tests.servers.bridge.test_channels import ready
from tests.servers.bridge.test_metrics import told
from tests.servers.bridge.test_running import run, shown
from tests.servers.bridge.waiting import waiting

HOUR = timedelta(hours=1)
RATE = 2
TASKS = {
    State.RECEIVED: Task.ASK,
    State.QUEUED: Task.SUBMIT,
    State.SUBMITTED: Task.POLL,
    State.ISSUED: Task.CONFIRM,
    State.REFUSED: Task.CONFIRM,
}


async def in_every_state(stage: Stage) -> None:
    """Of each state what is due, what is due later, what a fault holds; tokens that ran out, run out, and do
    not; stuck ones for every reason; settled ones, of which the hub has yet to be told.
    """
    world, rows = stage.world, []
    now = world.clock.now()

    def add(state: State, age: timedelta, **more: Any) -> None:
        rows.append(waiting(len(rows), world, state, age, **more))

    for number, (state, task) in enumerate(TASKS.items(), 1):
        for at in range(number):
            add(state, at * HOUR, task=task, due_at=now, token_expires_at=now + (at - 1) * 30 * HOUR)
        add(state, 2 * HOUR, task=task, due_at=now + HOUR)
        add(state, 3 * HOUR, task=task, due_at=now + HOUR, held=f"KER-{number % 2}")
    for number, reason in enumerate(Stuck):
        add(State.STUCK, number * HOUR, reason=reason.value, token_expires_at=now - HOUR)
    for state in FINAL:
        add(state, 900 * HOUR, settled_at=now, token_expires_at=now)
        add(state, 900 * HOUR, settled_at=now, task=Task.ACKNOWLEDGE, due_at=now)
    for row in rows:  # leased, so that nobody begins with them
        await stage.running.store.add(row, Secrets(), "a test", lease=3600)


@pytest.mark.parametrize(
    "stage",
    [{"database_url": "postgresql", "rate": f"nid={RATE}"}, {"rate": f"nid={RATE}"}],
    ids=["postgresql", "sqlite"],
    indirect=True,
)
async def test_all_three_tell_the_same_of_records_in_every_state(stage: Stage, tmp_path: Path) -> None:
    end = stage.world.clock.now().replace(microsecond=0) + timedelta(days=5)
    ending = {"ENCRYPT_CERT_PATH": files(tmp_path, end)["ENCRYPT_CERT_PATH"]}
    await stage.restart(kill=False, expiry_warning_seconds=86400, **ending)
    event = await stage.submitted()
    packet = (await stage.of(event)).packet_id
    await stage.deliver(stage.mosip.event(packet, stage.mosip.credential(packet)))
    await in_every_state(stage)

    readiness, samples = await ready(stage), await told(stage)
    listed = shown(await run(stage, "pending", "--limit", "1000", "--json"))
    lines = set((await run(stage, "pending")).stdout.splitlines())

    def labelled(name: str) -> dict[str, float]:
        return {key[1]: value for key, value in samples.items() if key[0] == name and value}

    of_states = Counter(row["state"] for row in listed["registrations"])
    counts = {state.value: number + 2 for number, state in enumerate(TASKS, 1)} | {"STUCK": len(Stuck)}
    assert counts == listed["counts"] == of_states == labelled("bridge_pending")
    reasons = Counter(row["reason"] for row in listed["registrations"] if row["state"] == "STUCK")
    assert dict.fromkeys(Stuck, 1) == reasons == labelled("bridge_stuck")
    held = Counter(row["held"] for row in listed["registrations"] if row["held"])
    of_faults = {fault["code"]: fault["waiting"] for fault in readiness["faults"]}
    assert {"KER-0": 2, "KER-1": 3} == held == of_faults == labelled("bridge_held")

    oldest = (len(Stuck) - 1) * 3600
    assert (
        oldest
        == readiness["oldest"]
        == listed["oldest"]
        == max(labelled("bridge_oldest_pending_seconds").values())
    )
    expiring = 1 + 4 * 2 + len(Stuck)
    assert expiring == readiness["tokens_expiring"] == listed["tokens_expiring"]
    assert expiring == samples["bridge_tokens_expiring",]
    [certificate] = listed["certificates"]
    assert readiness["certificates"] == [certificate]
    until = datetime.fromisoformat(certificate["until"]).timestamp()
    assert (
        until
        == end.timestamp()
        == samples["bridge_certificate_expiry_timestamp_seconds", certificate["setting"]]
    )

    drain = {each["destination"]: (each["waiting"], each["seconds"]) for each in listed["drain"]}
    assert readiness["drain"] == listed["drain"]
    seconds = labelled("bridge_drain_seconds")
    assert drain == {name: (due, seconds.get(name)) for name, due in labelled("bridge_due").items()}
    assert drain == {
        "nid": (3, 3 / RATE),
        "nid-status": (3, None),
        "opencrvs": (9, 9 * 60.0),
        "hub": (2, 120.0),
    }
    assert {f"{state}: {count}" for state, count in counts.items()} <= lines
    assert f"oldest: {timedelta(seconds=oldest)}; tokens that run out: {expiring}" in lines
    assert {"due at nid: 3, time to drain 0:00:02", "due at nid-status: 3, time to drain unknown"} <= lines
    assert {"due at opencrvs: 9, time to drain 0:09:00", "due at hub: 2, time to drain 0:02:00"} <= lines

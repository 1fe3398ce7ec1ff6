"""A state machine over orders of trigger, delivery, forgery, crash, time, rejection, and what operators do:
the promises hold.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from bridge.registration import Act, State, allowed_from
from tests.conftest import USUAL_ORDERS
from tests.servers.bridge.asking import ask as operate
from tests.servers.bridge.conftest import BIRTH, Stage, set_up
from tests.servers.bridge.stubs import SECRET
from tests.servers.bridge.test_confirmation import ACCEPT
from wire.keyfolder import KeyFolder

WHICH = st.integers(0, 5)
DAY = 86400.0


class Orders(RuleBasedStateMachine):
    """Every rule is one thing that may happen; the invariants hold after each."""

    stage: Stage
    keys: KeyFolder

    @initialize()
    def begin(self) -> None:
        self.exits = ExitStack()
        self.runner = self.exits.enter_context(asyncio.Runner())
        folder = Path(self.exits.enter_context(tempfile.TemporaryDirectory()))
        self.logs = self.exits.enter_context(capture_logs())
        # nothing is forgotten before it was looked at
        self.stage = self.runner.run(set_up(folder, self.keys, retention_days=3650.0))
        self.events: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.sent: list[bytes] = []
        self.refused: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.runner.run(self._come_to_rest())
            self.runner.run(self.stage.close())
        if hasattr(self, "exits"):
            self.exits.close()

    async def _come_to_rest(self) -> None:
        """Given time, everything ends accepted, rejected, or stuck by name."""
        self.stage.mosip.down = False
        await self.stage.world.clock.advance(20 * DAY)
        for event in self.events:
            found = await self.stage.of(event)
            assert found.final or (found.state is State.STUCK and found.reason)

    def vid(self, at: int) -> str:
        return f"{4703420631000000 + at}"

    async def rid(self, at: int) -> str:
        return (await self.stage.of(self.events[at])).packet_id

    # -- what happens -------------------------------------------------------------------------------

    @precondition(lambda self: len(self.events) < 5)
    @rule()
    def trigger(self) -> None:
        event = self.stage.opencrvs.record("birth", BIRTH)
        self.tokens.append(self.stage.opencrvs.token(event))
        self.events.append(event)
        assert self.runner.run(self._trigger(-1)) == 202

    async def _trigger(self, at: int) -> int:
        status, _ = await self.stage.trigger(self.events[at], self.tokens[at])
        await self.stage.world.clock.settle()
        return int(status)

    @precondition(lambda self: self.events)
    @rule(which=WHICH)
    def trigger_again(self, which: int) -> None:
        # 401 once the token has run out
        assert self.runner.run(self._trigger(which % len(self.events))) in (202, 400, 401)

    @precondition(lambda self: self.events)
    @rule(which=WHICH)
    def deliver(self, which: int) -> None:
        async def act(at: int) -> int:
            rid = await self.rid(at)
            self.sent.append(self.stage.mosip.event(rid, self.stage.mosip.credential(rid, VID=self.vid(at))))
            return await self.stage.deliver(self.sent[-1])

        assert self.runner.run(act(which % len(self.events))) == 200

    @precondition(lambda self: self.sent)
    @rule(which=WHICH)
    def deliver_again(self, which: int) -> None:
        assert self.runner.run(self.stage.deliver(self.sent[which % len(self.sent)])) == 200

    @precondition(lambda self: self.events)
    @rule(which=WHICH, kind=st.sampled_from(["unsigned", "another key", "another's"]))
    def forge(self, which: int, kind: str) -> None:
        async def act(at: int) -> None:
            before = [(await self.stage.of(event)).state for event in self.events]
            rid, mosip = await self.rid(at), self.stage.mosip
            about = "9" * 29 if kind == "another's" else rid
            key = "oidp-client" if kind == "another key" else "credential-issuer"
            body = mosip.event(rid, mosip.credential(about, key=key, VID="6666666666666666"))
            await mosip.deliver(self.stage.callback, body, secret=None if kind == "unsigned" else SECRET)
            assert before == [(await self.stage.of(event)).state for event in self.events]

        self.runner.run(act(which % len(self.events)))

    @rule()
    def crash(self) -> None:
        self.runner.run(self.stage.restart(kill=True))

    @rule(seconds=st.sampled_from([1.0, 60.0, 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.runner.run(self.stage.world.clock.advance(seconds))

    @precondition(lambda self: not self.stage.mosip.down)  # a week of probes would be most of the test
    @rule()
    def tokens_run_out(self) -> None:
        self.runner.run(self.stage.world.clock.advance(8 * DAY))

    @precondition(lambda self: self.events)
    @rule(which=WHICH)
    def reject(self, which: int) -> None:
        async def act(at: int) -> int:
            return await self.stage.deliver(self.stage.mosip.ended(await self.rid(at), "REJECTED"))

        assert self.runner.run(act(which % len(self.events))) == 200

    @precondition(lambda self: self.events)
    @rule(which=WHICH)
    def operator_retries(self, which: int) -> None:
        """Only what is stuck is retried."""

        async def act(at: int) -> None:
            before = await self.stage.of(self.events[at])
            status, said = await operate(self.stage, "POST", f"/operations/registrations/{before.id}/retry")
            assert status == (200 if before.state is State.STUCK else 409), said
            await self.stage.world.clock.settle()

        self.runner.run(act(which % len(self.events)))

    @precondition(lambda self: self.events)
    @rule(which=WHICH)
    def operator_rejects(self, which: int) -> None:
        """What has no answer yet gets an operator's no, and keeps it."""

        async def act(at: int) -> None:
            before = await self.stage.of(self.events[at])
            path = f"/operations/registrations/{before.id}/reject"
            status, said = await operate(self.stage, "POST", path, reason="Not for the register.")
            assert status == (200 if before.state in allowed_from(Act.REFUSE) else 409), said
            await self.stage.world.clock.settle()
            if status == 200:
                self.refused.add(at)

        self.runner.run(act(which % len(self.events)))

    @rule(down=st.booleans())
    def id_system(self, down: bool) -> None:
        self.stage.mosip.down = down

    @rule(times=st.integers(1, 3))
    def opencrvs_fails(self, times: int) -> None:
        self.stage.opencrvs.faults[ACCEPT] = [lambda: web.Response(status=500)] * times

    # -- the promises -------------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        if hasattr(self, "stage"):
            self.runner.run(self._look())

    async def _look(self) -> None:
        written = str(self.logs)
        for at, event in enumerate(self.events):
            accepted, found = self.stage.opencrvs.accepted(event), await self.stage.of(event)
            assert len(accepted) <= 1
            assert not (accepted and at in self.refused), "accepted after an operator's no"
            for action in accepted:
                assert action["declaration"] == {"child.nid": self.vid(at)}
                assert action["registrationNumber"] == f"2026B{event['trackingId']}"
            if found.state is State.CONFIRMED:
                assert accepted
            elif found.state is State.REJECTED:
                assert self.stage.opencrvs.rejected(event) and not accepted
            else:  # never in silence: work is due, or a person is told why not
                assert found.task is not None or (found.state is State.STUCK and found.reason)
            assert self.vid(at) not in written and self.tokens[at] not in written


def test_promises_hold_in_every_order(keys: KeyFolder, pytestconfig: pytest.Config) -> None:
    """The usual number tries the same orders at every run; more try others each time."""
    examples = pytestconfig.getoption("--orders")
    bounds = settings(
        max_examples=examples,
        stateful_step_count=15,
        derandomize=examples <= USUAL_ORDERS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    Orders.keys = keys
    run_state_machine_as_test(Orders, settings=bounds)

"""Why a person is needed, by the task that failed and whether it was the channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.flow.postpone import stuck
from bridge.registration import Registration, State, Stuck, Task

AT = datetime(2026, 3, 1, tzinfo=UTC)
ONE = Registration("r", "e", "a", "birth", "REGISTER", "T", "N", "P", "CRVS_NEW", State.QUEUED, AT, AT)


@pytest.mark.parametrize(
    ("task", "channel", "reason"),
    [
        (Task.SUBMIT, False, Stuck.NID_UNREACHABLE),
        (Task.ASK, False, Stuck.NID_UNREACHABLE),
        (Task.OPEN, False, Stuck.NID_UNREACHABLE),
        (Task.SUBMIT, True, Stuck.NID_REFUSED_PACKET),
        (Task.CONFIRM, False, Stuck.OPENCRVS_UNREACHABLE),
        (Task.CONFIRM, True, Stuck.TOKEN_REFUSED),
    ],
)
def test_stuck(task: Task, channel: bool, reason: Stuck) -> None:
    assert stuck(replace(ONE, task=task), channel=channel) is reason

"""Why a person is needed, by the task that failed and whether it was the channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.advice import Stuck
from bridge.calls.failure import Failure, FailureKind
from bridge.flow.postpone import stuck
from bridge.registration import Registration, State, Task

AT = datetime(2026, 3, 1, tzinfo=UTC)
ONE = Registration("r", "e", "a", "birth", "REGISTER", "T", "N", "P", "CRVS_NEW", State.QUEUED, AT, AT)


@pytest.mark.parametrize(
    ("task", "code", "reason"),
    [
        (Task.SUBMIT, None, Stuck.NID_UNREACHABLE),
        (Task.ASK, None, Stuck.NID_UNREACHABLE),
        (Task.OPEN, None, Stuck.NID_UNREACHABLE),
        (Task.SUBMIT, "HTTP 403", Stuck.NID_REFUSED_PACKET),
        (Task.CONFIRM, None, Stuck.OPENCRVS_UNREACHABLE),
        (Task.CONFIRM, "HTTP 403", Stuck.TOKEN_REFUSED),
        (Task.CONFIRM, "form-lacks-field", Stuck.FORM_LACKS_FIELD),
    ],
)
def test_stuck(task: Task, code: str | None, reason: Stuck) -> None:
    failure = Failure(FailureKind.TRANSIENT, "") if code is None else Failure(FailureKind.CHANNEL, "", code)
    assert stuck(replace(ONE, task=task), failure) is reason

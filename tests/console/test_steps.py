"""Exchanges become steps: who to whom, in which words, how prominent."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.console.steps import Known, every_key, in_order, is_seen, moved, step_of
from testbed.journal import Exchange
from tests.console.samples import ACTION, EVENT, PACKET, TRACKING, exchange

KNOWN = Known(dict.fromkeys((EVENT, ACTION, TRACKING, PACKET), (EVENT, "Chanda Mulenga")))
ISSUED = '{"topic": "crvs-partner/CREDENTIAL_ISSUED"}'


@pytest.mark.parametrize(
    ("seen", "way", "key", "minor"),
    [
        (exchange("event.create"), "registrar-opencrvs", "create", True),
        (exchange("event.actions.declare.request"), "opencrvs-registrar", "declare", True),
        (exchange("event.actions.register.request"), "opencrvs-registrar", "register.done", False),
        (exchange("event.actions.register.request", 500), "opencrvs-registrar", "register.failed", False),
        (exchange("event.actions.register.request", 409), "opencrvs-registrar", "register.refused", False),
        (exchange("trigger.REGISTER", 202, "out"), "opencrvs-bridge", "trigger.register.later", False),
        (exchange("trigger.REGISTER", 200, "out"), "opencrvs-bridge", "trigger.register.yes", False),
        (exchange("trigger.REGISTER", 400, "out"), "opencrvs-bridge", "trigger.register.no", False),
        (exchange("trigger.REGISTER", 500, "out"), "opencrvs-bridge", "trigger.register.failed", False),
        (exchange("trigger.REGISTER", None, "out"), "opencrvs-bridge", "trigger.register.silence", False),
        (exchange("trigger.DECLARE", 200, "out"), "opencrvs-bridge", "trigger.other", True),
        (exchange("auth.token"), "bridge-nid", "token.done", True),
        (exchange("auth.token", 503), "bridge-nid", "token.failed", False),
        (exchange("auth.token", None), "bridge-nid", "token.silence", False),
        (exchange("status.search", 500), "bridge-nid", "other.failed", False),
        (exchange("hub.subscribe", None), "bridge-nid", "other.silence", False),
        (exchange("packet.create"), "bridge-nid", "packet.done", False),
        (exchange("packet.create", None, note="cut"), "bridge-nid", "packet.silence", False),
        (exchange("hub.deliver", 200, "out", request=ISSUED), "nid-bridge", "delivery.issued.done", False),
        (exchange("hub.deliver", 422, "out", request=ISSUED), "nid-bridge", "delivery.issued.failed", False),
        (
            exchange("hub.deliver", 200, "out", request='{"resultCode": "REJECTED"}'),
            "nid-bridge",
            "delivery.refused.done",
            False,
        ),
        (exchange("event.actions.register.accept", by="program"), "bridge-opencrvs", "accept.done", False),
        (
            exchange("event.actions.register.accept", 500, by="program"),
            "bridge-opencrvs",
            "accept.failed",
            False,
        ),
        (
            exchange("event.actions.reject.request", by="program"),
            "bridge-opencrvs",
            "reject-declaration",
            False,
        ),
        (exchange("event.actions.reject.request"), "registrar-opencrvs", "reject-declaration", False),
    ],
)
def test_an_exchange_is_told_in_the_direction_of_the_news(
    seen: Exchange, way: str, key: str, minor: bool
) -> None:
    step = step_of(seen, KNOWN)
    assert (f"{step.sender}-{step.receiver}", step.key, step.minor) == (way, key, minor)
    assert key in every_key()


def test_a_step_knows_its_record_by_any_of_its_ids() -> None:
    for one in (EVENT, ACTION, TRACKING, PACKET):
        step = step_of(exchange("packet.create", records=("?", one)), KNOWN)
        assert (step.record, step.params["who"]) == (EVENT, "Chanda Mulenga")


def test_an_injected_fault_is_never_hidden() -> None:
    step = step_of(exchange("auth.token", 503, faults=("status 503 at auth.token",)), KNOWN)
    assert (step.minor, step.injected, step.good) == (False, ("status 503 at auth.token",), False)


def test_a_lawful_no_is_no_failure() -> None:
    assert step_of(exchange("trigger.REGISTER", 400, "out"), KNOWN).good


def test_readings_are_no_steps() -> None:
    assert not is_seen(exchange("workqueue.count"))
    assert is_seen(exchange("event.create"))


def test_the_wire_is_shown_without_host_and_query() -> None:
    step = step_of(
        exchange("hub.subscribe", direction="out", target="http://127.0.0.1:9/cb?hub.topic=x"), KNOWN
    )
    assert step.wire == "POST /cb"


def test_journals_are_woven_together_by_time() -> None:
    late, early = (
        exchange("event.create", at="2026-03-02T08:00:02.000Z"),
        exchange("packet.create", at="2026-03-02T08:00:01.000Z"),
    )
    assert in_order([late, early]) == [early, late]


@pytest.mark.parametrize(
    ("seconds", "key", "many"),
    [(3600, "time.hour", 1), (7200, "time.hours", 2), (86400, "time.day", 1), (604800, "time.days", 7)],
)
def test_time_is_told_in_the_unit_that_people_use(seconds: float, key: str, many: Any) -> None:
    step = moved("2026-03-02T08:00:00.000Z", seconds)
    assert (step.key, step.params["many"]) == (key, many)

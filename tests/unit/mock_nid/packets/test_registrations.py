"""A packet on its way: which change its state allows, what it shows, and that it survives a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_nid.packets.plans import Plan
from mock_nid.packets.registrations import (
    IllegalChange,
    PacketRegistration,
    StoredPacket,
    labelled,
    text_of,
)
from mock_nid.packets.stages import FAILURES, VALIDATOR, PacketStatus

AT = "2026-03-02T08:00:00.000Z"
PACKET = StoredPacket(
    "100013575019284",
    "OPENCRVS",
    "CRVS_NEW",
    "0.1",
    {"birthCertificateNumber": "B1", "fullName": "x"},
    {},
    AT,
)
FRESH = PacketRegistration(PACKET)
STARTED = FRESH.started("w", Plan(), "default", 30.0, AT, "t0")
ENDED = STARTED.processed()
CHANGES: dict[str, Callable[[PacketRegistration], PacketRegistration]] = {
    "passed": lambda one: one.passed(VALIDATOR, AT, "t1"),
    "processed": PacketRegistration.processed,
    "stalls": lambda one: one.stalls("DemoDedupeStage"),
    "paused": lambda one: one.paused("DemoDedupeStage"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("one", [FRESH, ENDED], ids=["not started", "ended"])
def test_only_what_runs_can_change(change: str, one: PacketRegistration) -> None:
    with pytest.raises(IllegalChange, match=PACKET.registration_id):
        CHANGES[change](one)


@pytest.mark.parametrize(
    ("change", "status", "stalled", "ended"),
    [
        ("passed", PacketStatus.PROCESSING, False, False),
        ("processed", PacketStatus.PROCESSED, False, True),
        ("stalls", PacketStatus.REPROCESS, True, False),
        ("paused", PacketStatus.PAUSED_FOR_ADDITIONAL_INFO, True, False),
    ],
)
def test_what_a_change_leaves_behind(change: str, status: PacketStatus, stalled: bool, ended: bool) -> None:
    one = CHANGES[change](STARTED)
    assert (one.status, one.stalled, one.ended) == (status, stalled, ended)


def test_a_packet_is_started_once() -> None:
    assert (STARTED.status, STARTED.stage) == (PacketStatus.RESUMABLE, "PacketValidatorStage")
    assert [line.type_code for line in STARTED.transactions] == ["WORKFLOW_RESUME"]
    with pytest.raises(IllegalChange, match="already has workflow instance w"):
        STARTED.started("v", Plan(), "default", 30.0, AT, "t")


def test_numbers_are_given_once() -> None:
    one = STARTED.numbered("u", "v", "p")
    assert one.numbered("u", "v", "q").pin == "q"
    with pytest.raises(IllegalChange, match="already has its numbers"):
        one.numbered("u", "w", "p")


def test_what_an_administrator_sees_holds_no_data_of_the_person() -> None:
    shown = json.dumps(STARTED.numbered("u", "v", "123456").shown())
    assert "fullName" not in shown and "123456" not in shown
    assert FRESH.records == ("100013575019284", "B1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("Amara", "Amara"),
        ('[{"language":"eng","value":"Amara"},{"language":"fra","value":"Amarà"}]', "Amara Amarà"),
        ('["x", {"value": "Amara"}]', "Amara"),
        ("[Amara", "[Amara"),
        ("[" * 9999, "[" * 9999),
    ],
)
def test_a_name_as_one_text_whatever_its_form(value: str | None, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (None, {}),
        ('[{"label":"officerId","value":"7"},{"value":"x"},"y"]', {"officerId": "7"}),
        ('{"label":"a"}', {}),
        ("no JSON", {}),
    ],
)
def test_rows_with_labels(text: str | None, rows: dict[str, Any]) -> None:
    assert labelled(text) == rows


@given(st.text())
def test_no_text_of_anybody_breaks_the_readers(text: str) -> None:
    assert isinstance(text_of(text), str) and isinstance(labelled(text), dict)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failure_ends_it_and_only_we_are_told_why(failure: Any) -> None:
    one = STARTED.ended_badly(failure, "in MOSIP's words", "fullName is too long", AT, "t1")
    assert one.status is (PacketStatus.REJECTED if failure.rejected else PacketStatus.FAILED)
    assert one.ended and one.reason == f"{failure.code} in MOSIP's words (fullName is too long)"
    assert (
        "fullName" not in str(one.transactions) and one.transactions[-1].stage == failure.stage == one.stage
    )

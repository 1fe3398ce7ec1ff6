"""One look at the systems, as the page gets it."""

from __future__ import annotations

from scenarios.console.picture import faults_of_a_cut, known, line_state, packet_of, picture
from scenarios.console.reading import SystemsView
from scenarios.console.steps import Known
from testbed.faults import Fault, FaultKind
from tests.console.samples import (
    ACTION,
    AT,
    EVENT,
    NUMBER,
    PACKET,
    REGISTERED,
    REQUESTED,
    document,
    entry,
    packet,
)
from wire.opencrvs.profiles import Profile


def test_a_bridge_that_does_not_answer_is_shown_as_such() -> None:
    shown = picture(SystemsView(AT, entries=None), Profile.V2_0, [], "ask")
    assert shown["systems"] == {"opencrvs": True, "bridge": False, "nid": True}


def test_a_waiting_record_stands_with_the_id_system() -> None:
    look = SystemsView(AT, [document(REQUESTED)], [packet()], [entry("SUBMITTED")])
    (shown,) = picture(look, Profile.V2_0, [], "ask")["records"]
    assert (shown["at"], shown["stage"], shown["packet"]) == ("nid", "processing", PACKET)
    assert shown["bridge"]["state"] == "SUBMITTED"


def test_a_packet_is_found_by_the_bridges_id_by_number_or_by_tracking_id() -> None:
    record = document(REQUESTED)
    assert packet_of(record, entry("SUBMITTED"), [packet(certificateNumber=None)]) is not None
    numbered = document(REQUESTED, {**REGISTERED, "registrationNumber": "X1"})
    assert packet_of(numbered, None, [packet(certificateNumber="X1")]) is not None
    assert packet_of(record, None, [packet()]) is not None
    assert packet_of(record, None, [packet(certificateNumber="2026BOTHER1", registrationId="9")]) is None


def test_a_line_is_cut_by_faults_without_end_only() -> None:
    lasting = Fault("accept", FaultKind.RESET, count=None)
    assert line_state("opencrvs", [lasting]) == "cut"
    assert line_state("opencrvs", [Fault("accept", FaultKind.RESET)]) == "whole"
    assert line_state("nid", [lasting]) == "whole"


def test_a_cut_loses_what_goes_out_and_resets_what_comes_in() -> None:
    lose, reset = FaultKind.LOSE, FaultKind.RESET
    seams = {"trigger": [lose, reset], "accept": [reset], "gateway": [reset], "hub.intent": [lose]}
    cut = faults_of_a_cut("opencrvs", seams)
    assert cut == [Fault("trigger", lose, count=None), Fault("accept", reset, count=None)]


def test_every_id_of_a_record_leads_to_its_name() -> None:
    look = SystemsView(AT, [document(REQUESTED)], [packet()], [entry("SUBMITTED")])
    names = known(look, Known({"old": ("e0", "Somebody")})).names
    for one in (EVENT, ACTION, PACKET, NUMBER, "r1"):
        assert names[one] == (EVENT, "Chanda Mulenga")
    assert names["old"] == ("e0", "Somebody")

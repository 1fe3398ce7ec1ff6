"""One look at the systems, as the page gets it."""

from __future__ import annotations

from scenarios.console.picture import faults_of_a_cut, known, line_state, packet_of, picture
from scenarios.console.reading import SystemsView
from scenarios.console.steps import Known
from scenarios.console.systems import Systems
from tests.console.samples import (
    ACTION,
    AT,
    EVENT,
    NUMBER,
    PACKET,
    REQUESTED,
    document,
    entry,
    packet,
    row,
)

SYSTEMS = Systems("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")


def test_a_system_that_does_not_answer_is_shown_as_such() -> None:
    shown = picture(SystemsView(AT, records=[], packets=None, entries=[]), SYSTEMS, [], "ask")
    assert shown["systems"] == {"opencrvs": True, "bridge": True, "nid": False}


def test_what_only_the_own_process_can_do_is_not_offered_elsewhere() -> None:
    shown = picture(SystemsView(AT), SYSTEMS, [], "ask")
    assert shown["abilities"] == {"restart": False, "clock": False, "operator": True, "afresh": False}


def test_a_waiting_record_stands_with_the_id_system() -> None:
    look = SystemsView(AT, [row(document(REQUESTED))], [packet()], [entry("SUBMITTED")])
    (shown,) = picture(look, SYSTEMS, [], "ask")["records"]
    assert (shown["at"], shown["stage"], shown["packet"]) == ("nid", "processing", PACKET)
    assert shown["bridge"]["state"] == "SUBMITTED"


def test_a_packet_is_found_by_the_bridges_id_by_number_or_by_tracking_id() -> None:
    record = row(document(REQUESTED))
    assert packet_of(record, entry("SUBMITTED"), [packet(certificateNumber=None)]) is not None
    assert (
        packet_of({**record, "registrationNumber": "X1"}, None, [packet(certificateNumber="X1")]) is not None
    )
    assert packet_of(record, None, [packet()]) is not None
    assert packet_of(record, None, [packet(certificateNumber="2026BOTHER1", registrationId="9")]) is None


def test_a_line_is_cut_by_faults_without_end_only() -> None:
    lasting = {"seam": "accept", "kind": "reset", "count": None}
    assert line_state("opencrvs", [lasting]) == "cut"
    assert line_state("opencrvs", [{**lasting, "count": 1}]) == "whole"
    assert line_state("nid", [lasting]) == "whole"


def test_a_cut_loses_what_goes_out_and_resets_what_comes_in() -> None:
    seams = {"trigger": ["lose", "reset"], "accept": ["reset"], "gateway": ["reset"], "hub.intent": ["lose"]}
    cut = {(fault["seam"], fault["kind"]) for fault in faults_of_a_cut("opencrvs", seams)}
    assert cut == {("trigger", "lose"), ("accept", "reset")}
    assert all(fault["count"] is None for fault in faults_of_a_cut("opencrvs", seams))


def test_every_id_of_a_record_leads_to_its_name() -> None:
    look = SystemsView(AT, [row(document(REQUESTED))], [packet()], [entry("SUBMITTED")])
    names = known(look, Known({"old": ("e0", "Somebody")})).names
    for one in (EVENT, ACTION, PACKET, NUMBER, "r1"):
        assert names[one] == (EVENT, "Chanda Mulenga")
    assert names["old"] == ("e0", "Somebody")

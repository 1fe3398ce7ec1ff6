"""Where a packet's plan is found."""

from __future__ import annotations

from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.plans import weighted_from
from wire.world import World


def test_a_delay_is_drawn_when_the_plan_is_found() -> None:
    chance = World.virtual().chance
    book = PlanBook(weighted_from({"delay": "list:1,5"}))
    assert [book.find((), "", chance).plan.after for _ in range(3)] == [1, 5, 1]
    book.set_default({"delay": "uniform:10,20"})
    drawn = book.find((), "", chance).plan.after
    assert isinstance(drawn, float) and 10 <= drawn <= 20


def test_order_of_search() -> None:
    chance = World.virtual().chance
    book = PlanBook(weighted_from("issue"))
    book.enqueue("stall")
    book.set_for("N1", "fail")
    assert book.find(("1", "N1"), "Chanda Rejected", chance).source == "queue"
    assert book.find(("1", "N1"), "Chanda Rejected", chance).source == "registration"
    assert book.find(("2",), "Chanda Rejected", chance).source == "magic"
    assert book.find(("2",), "Chanda", chance).source == "default"

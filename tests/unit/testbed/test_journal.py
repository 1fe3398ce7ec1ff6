from __future__ import annotations

import asyncio
import tracemalloc
from contextvars import copy_context
from typing import Any

import pytest

from testbed.journal import Journal
from wire.redaction import hide
from wire.world import World


def written(journal: Journal, operation: str, *records: str) -> None:
    journal.record("in", operation, "POST", "/x", 200, records=records, request=b'{"child.nid":"6041872935"}')


async def test_a_wait_sees_what_was_and_what_comes() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    following = journal.follow()
    assert (await anext(following)).number == 1
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0)
    written(journal, "deliver", "A")
    assert (await waiting).number == 2


def test_exchanges_are_found_by_record() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    written(journal, "createPacket", "B", "A")
    written(journal, "createPacket", "B")
    assert [exchange.number for exchange in journal.about("A")] == [1, 2]


async def test_a_journal_never_shows_a_national_id() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    shown = [
        list(journal),
        journal.about("A"),
        journal.after(0),
        journal.page(after=0, record=None, limit=9),
        await anext(journal.follow()),
    ]
    for one in shown:
        assert "createPacket" in str(one)
        assert "6041872935" not in str(one)


NUMBER, PASSPORT = "482917305", "ZN7731842"
"""Of no shape that a pattern knows."""


@pytest.mark.parametrize(
    "met",
    [
        {"target": f"/identity/idvid/{NUMBER}?type=demo"},
        {"request": f'{{"remark":"his number is {NUMBER}"}}'.encode()},
        {"response": f'{{"other":["{NUMBER}",{NUMBER}]}}'.encode()},
        {"request": f"remark={NUMBER}&x=1".encode()},
        {"note": f"nobody is called {NUMBER}"},
        {"request": f'{{"mother.nid":"{PASSPORT}","remark":"{PASSPORT}"}}'.encode()},
        {"request": f'{{"requestFields":{{"UIN":"{PASSPORT}"}}}}'.encode(), "target": f"/x/{PASSPORT}"},
        {"target": f"/x/{PASSPORT}?individualId={PASSPORT}", "response": f'["{PASSPORT}"]'.encode()},
        {"request": f"uin={PASSPORT}".encode(), "note": f"of {PASSPORT}"},
    ],
)
def test_a_number_that_is_known_is_masked_wherever_it_stands(met: dict[str, Any]) -> None:
    journal = Journal("mock_nid", World.virtual(), known={NUMBER}.__contains__)
    given: dict[str, Any] = {"target": "/x", **met}
    journal.record("in", "identity", "POST", status=200, **given)
    [shown] = journal
    assert NUMBER not in str(shown) and PASSPORT not in str(shown)
    journal.record("in", "identity", "POST", "/x/ZN7731842", 200)
    assert "ZN7731842" in journal.after(1)[0].target, "known of one exchange, and hidden in it alone"


def test_what_was_at_hand_when_it_was_met_is_masked_when_it_is_read() -> None:
    journal = Journal("mock_nid", World.virtual())

    def meet() -> None:
        hide("a-secret-of-nobodys-shape")
        journal.record("in", "log-in", "POST", "/x/a-secret-of-nobodys-shape", 200)

    copy_context().run(meet)
    assert "nobodys-shape" not in str(list(journal))


def test_what_is_read_is_what_was_met_even_when_the_clock_went_on() -> None:
    world = World.virtual()
    journal = Journal("mock_nid", world)
    before = world.timestamp()
    written(journal, "createPacket", "A")
    asyncio.run(world.clock.advance(60))
    assert [exchange.at for exchange in journal] == [before]


def test_a_long_body_is_not_kept_as_it_was() -> None:
    journal = Journal("mock_nid", World.virtual())
    body = b'{"text":"' + b"x" * 1_000_000 + b'"}'
    tracemalloc.start()
    for _ in range(50):
        journal.record("in", "createPacket", "POST", "/x", 200, request=bytes(bytearray(body)))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
    assert [len(exchange.request) < 5000 for exchange in journal] == [True] * 50


def test_a_page_tells_how_many_there_are() -> None:
    journal = Journal("mock_nid", World.virtual())
    for _ in range(3):
        written(journal, "createPacket", "A")
        written(journal, "createPacket", "B")
    shown, total = journal.page(after=1, record="A", limit=1)
    assert [exchange.number for exchange in shown] == [3]
    assert total == 2


def test_numbers_go_on_after_clearing() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    journal.clear()
    written(journal, "createPacket", "A")
    assert [exchange.number for exchange in journal] == [2]


def test_long_exchanges_do_not_fill_the_memory() -> None:
    journal = Journal("mock", World.virtual(), keep_bytes=100_000)
    for _ in range(50):
        journal.record("in", "x", "POST", "/x", 200, request=b"a" * 9_000)
    assert [exchange.number for exchange in journal] == list(range(40, 51))
    journal.record("in", "x", "POST", "/" + "y" * 200_000, 200)
    assert [exchange.number for exchange in journal] == [51]
    journal.clear()
    journal.record("in", "x", "POST", "/x", 200, request=b"a" * 9_000)
    assert len(journal) == 1

from __future__ import annotations

import asyncio

from testbed.journal import Journal
from wire.world import World


def written(journal: Journal, operation: str, *records: str) -> None:
    journal.record("in", operation, "POST", "/x", 200, records=records, request=b'{"child.nid":"6041872935"}')


async def test_a_wait_sees_what_was_and_what_comes() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    assert (await journal.until(lambda exchange: exchange.operation == "createPacket")).number == 1
    waiting = asyncio.create_task(journal.until(lambda exchange: exchange.operation == "deliver"))
    await asyncio.sleep(0)
    written(journal, "workflow", "A")
    written(journal, "deliver", "A")
    assert (await waiting).number == 3


def test_exchanges_are_found_by_record() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    written(journal, "createPacket", "B", "A")
    written(journal, "createPacket", "B")
    assert [exchange.number for exchange in journal.about("A")] == [1, 2]


def test_a_journal_never_holds_a_national_id() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    assert "6041872935" not in str(list(journal))


def test_numbers_go_on_after_clearing() -> None:
    journal = Journal("mock_nid", World.virtual())
    written(journal, "createPacket", "A")
    journal.clear()
    written(journal, "createPacket", "A")
    assert [exchange.number for exchange in journal] == [2]

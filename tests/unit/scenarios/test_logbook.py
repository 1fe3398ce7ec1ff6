"""Every line that the parts write while a story is played, whose it is, and nothing of it elsewhere."""

from __future__ import annotations

import logging
import sys

import structlog

from scenarios.stage.logbook import logged
from wire.world import World


def test_lines_are_kept_by_the_part_that_wrote_them() -> None:
    before = logging.getLogger().handlers, logging.getLogger().level, logging.getLogger("asyncio").level
    with logged(World.virtual()) as book:
        structlog.get_logger("bridge.channels").info("mended", channel="nid")
        logging.getLogger("mock_nid").debug("a detail")
        logging.getLogger("asyncio").debug("chatter")
        logging.getLogger("asyncio").warning("trouble")
    assert [line.source for line in book.lines] == ["bridge", "mock_nid", "asyncio"]
    assert '"channel": "nid"' in book.lines[0].text and "trouble" in book.lines[2].text
    logging.getLogger("bridge").warning("after the end")
    assert len(book.lines) == 3
    assert before == (
        logging.getLogger().handlers,
        logging.getLogger().level,
        logging.getLogger("asyncio").level,
    )


def test_what_is_written_past_all_logging_is_kept_line_by_line() -> None:
    with logged(World.virtual()) as book:
        sys.stderr.write("one\ntw")
        sys.stderr.write("o\n\nthree")
    assert [(line.source, line.text) for line in book.written] == [
        ("stderr", "one"),
        ("stderr", "two"),
        ("stderr", "three"),
    ]

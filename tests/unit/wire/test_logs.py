from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from wire.logs import configure_logs, route_structlog
from wire.world import World

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    written = io.StringIO()
    configure_logs(World.virtual(), "json", to=written)
    yield written
    root.handlers, root.level = before, level
    route_structlog()


def test_a_line_has_the_time_of_the_world_and_the_record(lines: io.StringIO) -> None:
    structlog.get_logger("bridge").info("packet sent", registration="10001100040004320250411090000")
    line = json.loads(lines.getvalue())
    assert line["timestamp"] == "2026-03-02T08:00:00.000Z"
    assert line["registration"] == "10001100040004320250411090000"


def test_no_secret_leaves_in_a_line_whoever_wrote_it(lines: io.StringIO) -> None:
    structlog.get_logger("bridge").warning(
        "told too much", token=TOKEN, declaration={"child.nid": "6041872935"}
    )
    logging.getLogger("aiohttp").warning("GET /vid/4703420631835716 with %s", TOKEN)
    try:
        raise ValueError(f"bad token {TOKEN}")
    except ValueError:
        structlog.get_logger("bridge").exception("it broke")
    text = lines.getvalue()
    assert "it broke" in text
    for secret in (TOKEN, "6041872935", "4703420631835716"):
        assert secret not in text


def test_a_library_s_line_names_the_record_of_its_task_too(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(registration="its-id"):
        logging.getLogger("aiohttp").warning("a call failed")
    assert json.loads(lines.getvalue())["registration"] == "its-id"

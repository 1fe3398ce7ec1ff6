"""How every part writes its log: one structured line an event, masked, with the world's time.

Parts log through `structlog.get_logger(part)`; libraries through `logging`. Both end in the same lines.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.types import Processor

from wire.redaction import MASK, is_private, redact
from wire.world import World

Form = Literal["json", "console"]
EventDict = MutableMapping[str, Any]


def configure_logs(
    world: World, form: Form = "console", level: str = "INFO", to: TextIO | None = None
) -> None:
    """Send every log line of this process to `to` (standard error), one a line, masked."""
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(line_formatter(world, form))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    route_structlog()


def route_structlog() -> None:
    """Have structlog hand its events to `logging`, so that any handler (a test's, a stage's) sees them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def line_formatter(world: World, form: Form) -> logging.Formatter:
    """The formatter that makes one masked line out of a record."""
    render: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _stamp(world),
            mask_private,
            render,
        ],
    )


def _stamp(world: World) -> Callable[[Any, str, EventDict], EventDict]:
    def stamp(logger: Any, method: str, event: EventDict) -> EventDict:
        event["timestamp"] = world.timestamp()
        return event

    return stamp


def mask_private(logger: Any, method: str, event: EventDict) -> EventDict:
    """The last gate: whatever a line was given, secrets and national IDs do not leave in it."""
    return {name: MASK if is_private(name) else redact(value) for name, value in event.items()}

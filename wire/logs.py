"""How every part writes its log: one structured line an event, masked, with the world's time.

Parts log through `structlog.get_logger(part)`; libraries through `logging`. Both end in the same lines, and
so does what Python itself would print: uncaught exceptions, of threads and the event loop, too, and warnings.
An exception is told by its kind and place: its words hold what somebody sent, and never a local variable.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from pathlib import Path
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
    _route_python()


def route_structlog() -> None:
    """Have structlog hand its events to `logging`, so that any handler (a test's, a stage's) sees them."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
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
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return structlog.stdlib.ProcessorFormatter(
        # their arguments may be anything: a number, a text, or an object whose repr holds a request
        pass_foreign_args=True,
        use_get_message=False,
        foreign_pre_chain=[
            _fill_in,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _stamp(world),
            _told,
            mask_private,
            render,
        ],
    )


def _stamp(world: World) -> Callable[[Any, str, EventDict], EventDict]:
    def stamp(logger: Any, method: str, event: EventDict) -> EventDict:
        event["timestamp"] = world.timestamp()
        return event

    return stamp


def _fill_in(logger: Any, method: str, event: EventDict) -> EventDict:
    """A library's message with its arguments: numbers and texts; of anything else the kind."""
    arguments = event.pop("positional_args", ())
    plain = {name: _plain(value) for name, value in arguments.items()} if isinstance(arguments, dict) else ()
    plain = plain or tuple(map(_plain, arguments))
    text = _json(event["event"])
    try:
        event["event"] = text % plain if plain else text
    except (TypeError, ValueError, KeyError):
        event["event"] = text
    return event


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else type(value).__name__


def _told(logger: Any, method: str, event: EventDict) -> EventDict:
    """The exception of a line, as kind and place."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()[1]
    elif isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        event["exception"] = where(given)
    return event


def where(error: BaseException) -> str:
    """Kind and frames of an exception and of its causes, without their words."""
    told, seen = [], set()
    rest: BaseException | None = error
    while rest is not None and id(rest) not in seen:
        seen.add(id(rest))
        frames = traceback.extract_tb(rest.__traceback__)
        places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
        number = f" {rest.errno}" if isinstance(rest, OSError) and rest.errno is not None else ""
        told.append(f"{type(rest).__module__}.{type(rest).__qualname__}{number} at {places or '?'}")
        rest = rest.__cause__ or (None if rest.__suppress_context__ else rest.__context__)
    return "; from ".join(told)


def loop_trouble(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The event loop's exception handler: asyncio's own prints every object at hand."""
    structlog.get_logger("asyncio").error(
        context.get("message") or "trouble in the event loop", exc_info=context.get("exception")
    )


def _route_python() -> None:
    """Send what Python prints by itself through the log."""
    log = structlog.get_logger("python")

    def uncaught(kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        log.critical("uncaught exception", exc_info=error)

    def unraisable(of: Any) -> None:
        log.error("exception that nobody could catch", exc_info=of.exc_value)

    sys.excepthook = uncaught
    sys.unraisablehook = unraisable
    threading.excepthook = lambda of: uncaught(of.exc_type, of.exc_value, of.exc_traceback)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a line that cannot be formatted would be printed with its arguments


def mask_private(logger: Any, method: str, event: EventDict) -> EventDict:
    """The last gate: whatever a line was given, secrets and national IDs do not leave in it."""
    return {name: MASK if is_private(name) else redact(_json(value)) for name, value in event.items()}


def _json(value: Any) -> Any:
    """What a line was given as JSON: of an exception its kind, of any other object its text."""
    if isinstance(value, BaseException):
        return where(value)
    if isinstance(value, dict):
        return {str(name): _json(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_json(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)

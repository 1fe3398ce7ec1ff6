"""Every line, whoever writes it, goes through one place that knows the values at hand."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
import typer

import bench.__main__
import bench.queues
import bridge.cli.app
import scenarios.cli.app
from wire import loop
from wire.logs import configure_logs, loop_trouble
from wire.redaction import MASK, hide, hide_private, redact_text
from wire.world import World

SECRET = "ABC-12345-x9"


@pytest.fixture
def as_before() -> Iterator[None]:
    """Afterwards this process's log goes where it went."""
    root = logging.getLogger()
    before, level = root.handlers, root.level
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions
    yield
    root.handlers, root.level = before, level
    sys.excepthook, sys.unraisablehook, threading.excepthook, logging.raiseExceptions = hooks
    logging.captureWarnings(False)


@pytest.fixture(params=["json", "console"])
def written(as_before: None, request: pytest.FixtureRequest) -> io.StringIO:
    out = io.StringIO()
    configure_logs(World.virtual(), request.param, "DEBUG", out)
    return out


class Odd:
    def __repr__(self) -> str:
        return SECRET


def raised() -> Exception:
    at_hand = {"password": SECRET}
    try:
        try:
            raise KeyError(SECRET, at_hand)
        except KeyError as error:
            raise ValueError(f"bad header {SECRET}") from error
    except ValueError as error:
        return error


def never_retrieved() -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(loop_trouble)

        async def fails() -> None:
            raise raised()

        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())


def of_a_thread() -> None:
    def fails() -> None:
        raise raised()

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()


def warned() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"odd {SECRET}", stacklevel=1)


def uncaught() -> None:
    error = raised()
    sys.excepthook(type(error), error, error.__traceback__)


WAYS: dict[str, Any] = {
    "ours": lambda: structlog.get_logger("a").error("x", exc_info=raised()),
    "aiohttp": lambda: logging.getLogger("aiohttp.server").error("of %s", "host", exc_info=raised()),
    "an object": lambda: logging.getLogger("asyncio").warning("handle %r %s", Odd(), [SECRET]),
    "a wrong format": lambda: logging.getLogger("x").warning("%d %s", SECRET),
    "named arguments": lambda: logging.getLogger("x").warning("%(a)s", {"a": Odd()}),
    "an object as message": lambda: logging.getLogger("x").warning(raised()),
    "nested": lambda: structlog.get_logger("a").error("x", a=[{"b": (f"({SECRET})", {"c": SECRET})}]),
    "a set": lambda: structlog.get_logger("a").error("x", a={SECRET}),
    "an object in our own": lambda: structlog.get_logger("a").error("x", a=Odd(), b=raised()),
    "a key": lambda: structlog.get_logger("a").error("x", a={SECRET: 1}),
    "bytes": lambda: structlog.get_logger("a").error("x", a=SECRET.encode()),
    "the stack": lambda: logging.getLogger("x").error("x", stack_info=True),
    "never retrieved": never_retrieved,
    "of a thread": of_a_thread,
    "a warning": warned,
    "uncaught": uncaught,
}


@pytest.mark.parametrize("way", WAYS)
def test_no_line_holds_what_is_at_hand(
    written: io.StringIO, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hide(SECRET)
    WAYS[way]()
    said = written.getvalue()
    assert said and SECRET not in said + "".join(capsys.readouterr())
    assert "at_hand" not in said


def test_an_exceptions_words_are_not_told_even_when_nobody_knew_them(written: io.StringIO) -> None:
    logging.getLogger("aiohttp.server").error("trouble", exc_info=raised())
    said = written.getvalue()
    assert SECRET not in said
    assert "builtins.ValueError at " in said and "from builtins.KeyError" in said


@pytest.mark.parametrize("number", ["12345", "123456789", "123456789012", "12345678901234", "CM1A2B3C"])
def test_a_value_at_hand_is_masked_whatever_its_shape(number: str) -> None:
    hide_private({"declaration": [{"mother.nid": number}], "requestFields": {"UIN": 1}})
    assert redact_text(f"of {number}, and ({number})") == f"of {MASK}, and ({MASK})"
    assert redact_text(f"x{number}y") == f"x{number}y"  # a part of another word is another word


def test_a_number_at_hand_is_masked_as_a_number(written: io.StringIO) -> None:
    hide_private({"nid": 123456789})
    structlog.get_logger("a").info("x", given=123456789, attempts=3)
    assert "123456789" not in written.getvalue() and "3" in written.getvalue()


def test_a_command_that_keeps_no_log_is_as_silent(
    as_before: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger().handlers = []

    async def main() -> None:
        task = asyncio.create_task(asyncio.to_thread(raised))
        task.add_done_callback(lambda done: (_ for _ in ()).throw(done.result()))
        await task
        await asyncio.sleep(0)
        structlog.get_logger("a").warning("x", uin="4238670978")

    loop.run(main())
    said = "".join(capsys.readouterr())
    assert "builtins.ValueError at " in said and MASK in said
    assert SECRET not in said and "at_hand" not in said and "4238670978" not in said


@pytest.mark.parametrize(
    "app", [bridge.cli.app.app, scenarios.cli.app.app, bench.__main__.app, bench.queues.app]
)
def test_no_command_draws_a_traceback_with_its_locals(app: typer.Typer) -> None:
    """Typer's default, up to some version, for what nobody has caught."""
    assert not app.pretty_exceptions_enable

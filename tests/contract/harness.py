"""What the contract tests share: a server on a thread of its own, the two lists of operations, the cases."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol, TypeVar

import pytest
import requests
import yaml
from aiohttp import web
from hypothesis import HealthCheck, Phase, settings
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.meta import TestPhase
from schemathesis.pytest._test_builder import build_operation_test

from tests.sizes import ON_CI, size
from wire.openapi import FOLDER as OPENAPI


class Closable(Protocol):
    async def close(self) -> None: ...


R = TypeVar("R", bound=Closable)

SESSION = requests.Session()
"""Keeps connections and no cookies: a case of its own connection costs twice the processor."""
SESSION.trust_env = False
SESSION.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


def each_operation(schema: Any) -> pytest.MarkDecorator:
    """Parametrizes a test by the `operation`s of a schema."""
    found = [result.ok() for result in schema.get_all_operations()]
    return pytest.mark.parametrize("operation", found, ids=[operation.label for operation in found])


def drawn(usual: int, on_ci: int) -> settings:
    """So many drawn cases of each operation, the same in every run."""
    return settings(
        max_examples=size(usual, on_ci),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
    )


class _Kinds:
    """What kinds of cases there were: schemathesis sends a wrong type to every place of a body, and many."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()

    def is_new(self, case: Any) -> bool:
        found = case.meta.phase.data
        if case.meta.phase.name is not TestPhase.COVERAGE:
            return True
        kind = (case.meta.generation.mode, _words(found.description), found.parameter_location)
        return not (kind in self._seen or self._seen.add(kind))


def _words(description: str) -> str:
    """What is tried, without the place: `json -> eventId: Incorrect type` is an incorrect type."""
    return [part for part in re.split(": | -> ", description) if " " in part][-1]


def judge_cases(operation: Any, sizes: settings, judge: Callable[[Any], None]) -> None:
    """Try the schema's examples, one case of each kind that covers it (on CI all), and so many drawn cases of
    an operation.

    As `schema.parametrize()` does, which makes the cases in each process that collects: half a minute.
    """

    kinds = _Kinds()

    @sizes
    def conforms(case: Any) -> None:
        if ON_CI or kinds.is_new(case):
            judge(case)

    build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=conforms,
        given_kwargs={},
        feedback=FeedbackSources(),
    )()


@contextmanager
def on_a_thread(start: Callable[[], Awaitable[R]]) -> Iterator[R]:
    """Run an asynchronous server beside synchronous tests (schemathesis calls over real sockets)."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def started() -> R:
        return await start()

    running = asyncio.run_coroutine_threadsafe(started(), loop).result(240)
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(running.close(), loop).result(240)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def specified(name: str) -> set[tuple[str, str]]:
    """(METHOD, path) of every operation in `wire/openapi/<name>.yaml`."""
    spec: dict[str, Any] = yaml.load((OPENAPI / f"{name}.yaml").read_text(), yaml.CSafeLoader)
    methods = {"get", "put", "post", "delete", "patch", "head", "options"}
    return {
        (method.upper(), path)
        for path, operations in spec["paths"].items()
        for method in operations
        if method in methods
    }


def routed(*apps: web.Application) -> set[tuple[str, str]]:
    """(METHOD, path) of every route of the applications; the HEAD that aiohttp adds to a GET is left out."""
    return {
        (route.method, route.resource.canonical)
        for app in apps
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }

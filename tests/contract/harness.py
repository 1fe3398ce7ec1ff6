"""What the contract tests share: a server on a thread of its own, and the two lists of operations."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import yaml
from aiohttp import web

from wire.openapi import FOLDER as OPENAPI


class Closable(Protocol):
    async def close(self) -> None: ...


R = TypeVar("R", bound=Closable)


@contextmanager
def on_a_thread(start: Callable[[], Awaitable[R]]) -> Iterator[R]:
    """Run an asynchronous server beside synchronous tests (schemathesis calls over real sockets)."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def started() -> R:
        return await start()

    running = asyncio.run_coroutine_threadsafe(started(), loop).result(30)
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(running.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def specified(name: str) -> set[tuple[str, str]]:
    """(METHOD, path) of every operation in `wire/openapi/<name>.yaml`."""
    spec: dict[str, Any] = yaml.safe_load((OPENAPI / f"{name}.yaml").read_text())
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

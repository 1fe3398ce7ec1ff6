"""Answers of gateways, and the patience of such tests."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

Answer = Callable[[], web.Response]


def waits(wait: str, status: int = 429) -> Answer:
    return lambda: web.json_response({"message": "slowly"}, status=status, headers={"Retry-After": wait})

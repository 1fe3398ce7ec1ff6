"""What nobody's browser may do at /admin, tried at the mock that listens at a URL."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession

FOREIGN = {"Origin": "http://evil.example"}
TEXT = {"Content-Type": "text/plain"}

REFUSED: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("POST", "/admin/reset", {"headers": TEXT | FOREIGN, "data": "x"}, 403),
    ("POST", "/admin/reset", {"headers": FOREIGN}, 403),
    ("POST", "/admin/reset", {"headers": {"Origin": "null"}}, 403),
    ("POST", "/admin/reset", {"headers": FOREIGN, "json": {}}, 403),
    ("GET", "/admin/journal", {"headers": FOREIGN}, 403),
    ("GET", "/admin/journal/stream", {"headers": FOREIGN}, 403),
    ("DELETE", "/admin/faults", {"headers": FOREIGN}, 403),
    ("OPTIONS", "/admin/reset", {"headers": FOREIGN | {"Access-Control-Request-Method": "POST"}}, 403),
    ("POST", "/admin/reset", {"headers": TEXT, "data": "x"}, 415),
    ("POST", "/admin/reset", {"headers": TEXT}, 415),
    ("POST", "/admin/faults", {"data": {"seam": "x"}}, 415),
    ("POST", "/admin/reset", {"headers": {"Host": "evil"}}, 421),
    ("POST", "/admin/reset", {"headers": {"Host": "evil.example:7070"}}, 421),
    ("GET", "/admin/journal", {"headers": {"Host": "127.0.0.1.evil.example"}}, 421),
    ("GET", "/admin/no-such-route", {"headers": {"Host": "evil"}}, 421),
)
ALLOWED: tuple[dict[str, Any], ...] = (
    {},
    {"json": {}},
    {"headers": {"Host": "localhost"}},
    {"headers": {"Host": "mock.test:1"}},
    {"headers": {"Host": "[::1]:7070", "Origin": "http://[::1]:7070"}},
)
"""Ways in which a program resets the mock, whose settings have `allowed_hosts="mock.test"`."""

refused = pytest.mark.parametrize(("method", "path", "how", "status"), REFUSED)
allowed = pytest.mark.parametrize("how", ALLOWED)


async def is_refused(url: str, method: str, path: str, how: dict[str, Any], status: int) -> None:
    async with ClientSession() as http, http.request(method, url + path, **how) as answer:
        assert answer.status == status
        assert answer.content_type == "application/problem+json"
        assert "Access-Control-Allow-Origin" not in answer.headers
        body = await answer.json()
        assert body["status"] == status and body["title"] and body["detail"]


async def is_reset(url: str, how: dict[str, Any]) -> None:
    async with ClientSession() as http, http.post(url + "/admin/reset", **how) as answer:
        assert (answer.status, await answer.json()) == (200, {"reset": True})

"""Calls of the auth service."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from wire.opencrvs.profiles import Profile

every_profile = pytest.mark.parametrize("profile", list(Profile))


async def post(
    http: aiohttp.ClientSession, url: str, **how: Any
) -> tuple[int, Any, aiohttp.typedefs.LooseHeaders]:
    async with http.post(url, **how) as response:
        return response.status, await response.json(content_type=None), dict(response.headers)

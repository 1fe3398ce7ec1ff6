"""Calls of the services of MOSIP, and how their refusals read."""

from __future__ import annotations

from typing import Any


def first_error(body: Any) -> tuple[str, str]:
    item = body["errors"][0]
    return item["errorCode"], item.get("message", item.get("errorMessage"))

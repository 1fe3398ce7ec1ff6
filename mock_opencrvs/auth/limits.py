"""The gateway's limit on log-ins: so many a minute for each user (§2.5; upstream rate-limit.ts)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

from mock_opencrvs.errors import HapiError
from wire.opencrvs.profiles import Profile

_BY_NONCE = (
    *("verifyCode", "resendAuthenticationCode"),
    *("verifyNumber", "verifySecurityAnswer", "sendUserName", "changePassword"),
)
_MINUTE = timedelta(minutes=1)
_KEYS = 10_000


def counted_by(profile: Profile, name: str) -> tuple[str, ...] | None:
    """The members of the payload of which the first that is there names whose requests are counted together.

    Empty: everybody's together. None: nobody counts.
    """
    if name == "authenticate":
        return ("username",)
    if name == "verifyUser":
        return ("mobile", "email")
    if name == "authenticate-super-user":
        return ("username",) if profile is Profile.V1_9 else ()
    return ("nonce",) if name in _BY_NONCE and profile is not Profile.V1_9 else None


class RateLimit:
    """Counts by key; `allowed` 0 lets everything pass."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._seen: dict[str, deque[datetime]] = {}

    def check(self, name: str, members: tuple[str, ...], payload: Any, now: datetime) -> None:
        """Count one request; HapiError 402 when the minute is full.

        Where the payload has no such member core fails, limit or not: 500.
        """
        given = payload if isinstance(payload, dict) else {}
        key = next((given[member] for member in members if member in given), None) if members else "all"
        if not key:
            raise HapiError(500, "An internal server error occurred")
        if not self._allowed:
            return
        if len(self._seen) >= _KEYS:
            self._seen = {one: seen for one, seen in self._seen.items() if seen[-1] > now - _MINUTE}
        seen = self._seen.setdefault(f"{name}/{key}", deque())
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if len(seen) >= self._allowed:
            text = "Too many requests within a minute. Please throttle your requests."
            raise HapiError(402, text, error="Rate limit exceeded")
        seen.append(now)

"""The gateway's limit on log-ins: so many a minute for each user (§2.5; upstream rate-limit.ts)."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from mock_opencrvs.errors import HapiError

LIMITED = ("authenticate", "verifyCode", "resendAuthenticationCode")
_MINUTE = timedelta(minutes=1)


class RateLimit:
    """Counts by key; `allowed` 0 lets everything pass."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._seen: dict[str, deque[datetime]] = {}

    def check(self, key: str, now: datetime) -> None:
        """Count one request; HapiError 402 when the minute is full."""
        if not self._allowed:
            return
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if len(seen) >= self._allowed:
            text = "Too many requests within a minute. Please throttle your requests."
            raise HapiError(402, text, error="Rate limit exceeded")
        seen.append(now)

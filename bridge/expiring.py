"""Certificates that run out, whoever uses them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wire.world import timestamp

WARNING = timedelta(days=30)
"""How long before its end a certificate is named: partners renew by hand, through the ID system's staff."""


@dataclass(frozen=True)
class RunningOut:
    """A certificate that ran out, or will soon; `setting` is the variable that gives it."""

    setting: str
    until: datetime
    over: bool

    @property
    def shown(self) -> dict[str, str | bool]:
        return {"setting": self.setting, "until": timestamp(self.until), "over": self.over}


def running_out(ends: Mapping[str, datetime], now: datetime) -> list[RunningOut]:
    """Those that ran out or will within 30 days, of the ends by setting."""
    soon = now + WARNING
    return [RunningOut(name, end, end <= now) for name, end in ends.items() if end <= soon]

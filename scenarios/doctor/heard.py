"""What was heard, beside the settings that it was asked by. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from scenarios.doctor.agreement import alias, origins
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.keys import Held
from scenarios.doctor.probe_answers import AWAY, ProbeAnswer, ProbeResults
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.http.client import Answer, http_date

K = TypeVar("K")
_SKEW = 30.0
"""Seconds: half of what MOSIP takes (contract mosip §6.6, IDA-MLC-001)."""
WHY = {
    "unknown-host": "ADDRESS-UNKNOWN-HOST",
    "refused": "ADDRESS-REFUSED",
    "silent": "ADDRESS-SILENT",
    "unreachable": "ADDRESS-SILENT",
    "tls-authority": "TLS-AUTHORITY",
    "tls-expired": "TLS-EXPIRED",
    "tls-name": "TLS-NAME",
    "tls-wanted": "HTTP-WHERE-HTTPS",
    "no-tls": "HTTPS-WHERE-HTTP",
}


class Heard:
    """The facts, and how a setting is named to whoever gave it."""

    def __init__(
        self,
        facts: ProbeResults,
        reading: Configuration,
        source: ProcessEnvironment,
        held: Sequence[Held],
        now: datetime,
    ) -> None:
        self.facts, self.reading, self.source, self.now = facts, reading, source, now
        self.settings, self.held = reading.settings, {one.variable: one for one in held}

    def where(self, *names: str) -> str:
        return f"{', '.join(names)} in {self.source.name}"

    def named(self, name: str) -> str:
        """The address's own variable, or the one that it follows from."""
        own = alias(name)
        if own in self.reading.values:
            return own
        base = "ESIGNET_URL" if name.startswith("esignet") else "MOSIP_URL"
        return base if base in self.reading.values else own

    def path(self, name: str) -> Iterator[Finding]:
        """An address where something answers that is not what is meant."""
        said = self.facts.said.get(name)
        if said is None or self.pathless(name):
            return
        if said.answer is None:
            yield silence(said, self.where(self.named(name)), said.detail)
        else:
            yield from self.elsewhere(said, self.named(name), () if said.is_enveloped else (404, 405, 501))

    def elsewhere(
        self, said: ProbeAnswer, variable: str, absent: Collection[int], lacks: str = ""
    ) -> Iterator[Finding]:
        """A page, no such path, or a proxy whose service is away."""
        if said.answer is None:
            return
        status = said.answer.status
        if said.is_page:
            yield finding("ADDRESS-HTML", self.where(variable), f"HTTP {status}")
        elif status in absent:
            yield finding("ADDRESS-NOT-FOUND", self.where(variable), lacks or f"HTTP {status}")
        elif status in AWAY:
            yield finding("SERVICE-TROUBLE", self.where(variable), f"HTTP {status}")

    def key(
        self, said: ProbeAnswer, variable: str, read: Callable[[Answer], K], seen: str = ""
    ) -> Generator[Finding, None, K | None]:
        """What `read` makes of an answer that is to be a key, or what came instead."""
        where = self.where(variable)
        if said.answer is None:
            yield silence(said, where, seen or said.detail)
        elif said.is_page:
            yield finding("KEY-ENDPOINT-HTML", where, seen)
        elif said.answer.status != 200:
            yield finding("KEY-ENDPOINT-NOT-FOUND", where, f"HTTP {said.answer.status}")
        else:
            try:
                return read(said.answer)
            except ValueError:
                yield finding("KEY-ENDPOINT-NO-KEY", where, seen)
        return None

    def pathless(self, name: str) -> bool:
        return urlsplit(str(getattr(self.settings, name))).path in ("", "/") and name not in ("gateway_url",)

    def clock(self) -> Iterator[Finding]:
        off: dict[int, list[str]] = {}
        named = origins(self.reading)
        for origin, said in self.facts.origins.items():
            if said.answer is not None and (theirs := http_date(said.answer.headers.get("Date", ""))):
                ahead = (theirs - self.now).total_seconds()
                if abs(ahead) > _SKEW:
                    off.setdefault(round(ahead / 60), []).extend(named[origin])
        if off:
            most = max(off, key=abs)
            yield finding("CLOCK-OFF", self.where(*dict.fromkeys(off[most])), f"theirs is {most:+d} min")


def silence(said: ProbeAnswer, where: str, seen: str) -> Finding:
    """No answer came."""
    return finding(WHY.get(said.why, "ADDRESS-SILENT"), where, seen)

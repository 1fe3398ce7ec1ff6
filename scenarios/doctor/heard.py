"""What was heard, beside the settings that it was asked by; pages, envelopes and silence told apart. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from scenarios.doctor.agreement import alias, origins
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.keys import Held
from scenarios.doctor.probes import ProbeAnswer, ProbeResults
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.mosip import envelope

AWAY = (502, 503, 504)
"""What a proxy says when its service is away."""
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
            yield finding(WHY.get(said.why, "ADDRESS-SILENT"), self.where(self.named(name)), said.detail)
        elif is_page(said):
            yield finding("ADDRESS-HTML", self.where(self.named(name)), f"HTTP {said.answer.status}")
        elif said.answer.status in (404, 405, 501) and not envelope_in(said):
            yield finding("ADDRESS-NOT-FOUND", self.where(self.named(name)), f"HTTP {said.answer.status}")
        else:
            yield from self.trouble(said, self.named(name))

    def trouble(self, said: ProbeAnswer, variable: str) -> Iterator[Finding]:
        """A proxy answers, and the service behind it does not."""
        if said.answer is not None and said.answer.status in AWAY:
            yield finding("SERVICE-TROUBLE", self.where(variable), f"HTTP {said.answer.status}")

    def pathless(self, name: str) -> bool:
        return urlsplit(str(getattr(self.settings, name))).path in ("", "/") and name not in ("gateway_url",)

    def clock(self) -> Iterator[Finding]:
        off: dict[int, list[str]] = {}
        named = origins(self.reading)
        for origin, said in self.facts.origins.items():
            if said.answer is not None and (date := said.answer.headers.get("Date")):
                try:
                    ahead = (parsedate_to_datetime(date) - self.now).total_seconds()
                except (ValueError, TypeError):
                    continue
                if abs(ahead) > _SKEW:
                    off.setdefault(round(ahead / 60), []).extend(named[origin])
        if off:
            most = max(off, key=abs)
            yield finding("CLOCK-OFF", self.where(*dict.fromkeys(off[most])), f"theirs is {most:+d} min")


def is_page(said: ProbeAnswer) -> bool:
    """Whether a page for people came; what a proxy writes about its service's trouble is none."""
    answer = said.answer
    if answer is None or answer.status >= 500:
        return False
    return "html" in (answer.content_type or "") or answer.body.lstrip()[:9].lower() in (
        b"<!doctype",
        b"<html>",
    )


def content_of(said: ProbeAnswer) -> Any:
    try:
        return said.answer.json() if said.answer is not None else None
    except ValueError:
        return None


def faults_of(said: ProbeAnswer) -> list[envelope.EnvelopeFault]:
    try:
        return envelope.errors_of(content_of(said))
    except envelope.EnvelopeBroken:
        return []


def envelope_in(said: ProbeAnswer) -> bool:
    content = content_of(said)
    return isinstance(content, dict) and bool({"errors", "response"} & content.keys())

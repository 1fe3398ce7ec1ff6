"""What came back from the addresses, and what can be told of one answer by itself. Pure."""

from __future__ import annotations

import errno
import ssl
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from wire.http.client import Answer, NoAnswer
from wire.mosip import envelope

AWAY = (502, 503, 504)
"""What a proxy says when its service is away."""


@dataclass(frozen=True)
class ProbeAnswer:
    """What came back: an answer, or in one word why none did, and what was seen."""

    answer: Answer | None
    why: str = ""
    detail: str = ""

    @property
    def is_page(self) -> bool:
        """Whether a page for people came; what a proxy writes about its service's trouble is none."""
        answer = self.answer
        if answer is None or answer.status >= 500:
            return False
        begins = answer.body.lstrip()[:9].lower()
        return "html" in (answer.content_type or "") or begins in (b"<!doctype", b"<html>")

    @property
    def content(self) -> Any:
        """The JSON of an answer; None when there is none."""
        try:
            return self.answer.json() if self.answer is not None else None
        except ValueError:
            return None

    @property
    def faults(self) -> list[envelope.EnvelopeFault]:
        try:
            return envelope.errors_of(self.content)
        except envelope.EnvelopeBroken:
            return []

    @property
    def is_enveloped(self) -> bool:
        """Whether a service of MOSIP's spoke."""
        content = self.content
        return isinstance(content, dict) and bool({"errors", "response"} & content.keys())


@dataclass
class ProbeResults:
    """Everything that was heard. `said` by what was asked for; `tokens` by client."""

    origins: dict[str, ProbeAnswer] = field(default_factory=dict)
    said: dict[str, ProbeAnswer] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)


def unanswered(none: NoAnswer) -> ProbeAnswer:
    """Why no answer came."""
    cause: BaseException | None = none.__cause__
    match cause:
        case None:
            return ProbeAnswer(None, "silent", none.what)
        case aiohttp.ClientConnectorCertificateError():
            error = cause.certificate_error
            why = _TLS.get(getattr(error, "verify_code", 0), "tls-authority")
            return ProbeAnswer(None, why, getattr(error, "verify_message", "") or str(error))
        case aiohttp.ClientConnectorDNSError():
            return ProbeAnswer(None, "unknown-host")
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            return ProbeAnswer(None, "no-tls")
        case aiohttp.ClientConnectorError():
            refused = cause.os_error.errno == errno.ECONNREFUSED
            return ProbeAnswer(None, "refused" if refused else "unreachable")
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() | aiohttp.ClientResponseError():
            return ProbeAnswer(None, "reset")
        case _:
            return ProbeAnswer(None, "broken", none.what)


_TLS = {10: "tls-expired", 9: "tls-expired", 62: "tls-name", 64: "tls-name"}
"""OpenSSL's codes of a certificate that is refused."""

"""What an answer of MOSIP means: done, not now (NidDown), or no (NidRefused). Pure; contract §2.4, §10."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.nid import NidDown, NidRefused
from bridge.peer import Answer
from wire.mosip import envelope
from wire.mosip.envelope import Fault

_PASSING = frozenset({"KER-PUT-013", "KER-PUT-015", "KER-PUT-018", "RPR-WIS-000", "RPR-WIN-002", "500"})
"""Codes that tell of MOSIP's own trouble, so that a later try may succeed (§2.4, §3.1)."""

SERVER_TROUBLE = frozenset({"IDR-IDC-004", "IDR-IDC-006", "IDR-IDC-009", "IDR-IDC-010", "IDR-IDC-011"})


def envelope_of(answer: Answer, what: str) -> dict[str, Any]:
    """The envelope of an answer; NidDown when it is none or the status tells of trouble."""
    try:
        content = envelope.parse_body(answer.body)
    except envelope.EnvelopeBroken as broken:
        raise NidDown(f"{what}: HTTP {answer.status}, {broken}"[:200]) from broken
    if answer.status in (401, 403) or answer.status >= 500:
        faults = envelope.errors_of(content)
        raise NidDown(f"{what}: HTTP {answer.status} {faults[0] if faults else ''}".strip()[:200])
    if answer.status != 200:
        raise NidRefused(
            f"HTTP {answer.status}", f"{what}: {str(content)[:100] if answer.status != 400 else ''}"
        )
    return content


def content_of(answer: Answer, what: str, *, done: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """The envelope of a success; None when the errors say that it was done before (`done`)."""
    content = envelope_of(answer, what)
    faults = envelope.errors_of(content)
    if any(fault.code in done for fault in faults):
        return None
    refuse(faults, what)
    return content


def refuse(faults: Sequence[Fault], what: str) -> None:
    if not faults:
        return
    # clocks that differ (§7.1) say nothing about the person
    if any(f.code in _PASSING | SERVER_TROUBLE or "requesttime" in f.message for f in faults):
        raise NidDown(f"{what}: {faults[0]}"[:200])
    raise NidRefused(faults[0].code, faults[0].message)


def uin_of(content: Mapping[str, Any] | None) -> str | None:
    response = content.get("response") if content else None
    identity = response.get("identity") if isinstance(response, Mapping) else None
    uin = identity.get("UIN") if isinstance(identity, Mapping) else None
    return uin if isinstance(uin, str) and uin else None

"""What an answer of MOSIP means: done, not now (NidDown), or no (NidRefused). Pure; contract §2.4, §10,
§15 row 8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bridge.calls.failure import Failure, FailureKind, by_status, kind_of_status
from bridge.nid import NidDown, NidRefused
from wire.http.client import Answer
from wire.mosip import envelope, hub
from wire.mosip.envelope import EnvelopeFault

_CODE = re.compile(r"[A-Z]{2,}(-[A-Z0-9]+)+|PRG(_[A-Z]+)+_\d+")
"""How MOSIP writes its codes, e.g. KER-PUT-006; pre-registration's own are such as PRG_PAM_APP_001."""
_PASSING = frozenset({"KER-PUT-013", "KER-PUT-015", "KER-PUT-018", "RPR-WIS-000", "RPR-WIN-002", "500"})
"""Codes that tell of MOSIP's own trouble, so that a later try may succeed (§2.4, §3.1)."""

SERVER_TROUBLE = frozenset({"IDR-IDC-004", "IDR-IDC-006", "IDR-IDC-009", "IDR-IDC-010", "IDR-IDC-011"})


_CHANNEL = frozenset({"KER-PUT-006", "RPR-WIN-000", "RPR-WIN-001"})
"""Codes about what we send with every packet alike: its source, its process, the request's own version."""

NO_CODE = "no code"
"""Of a fault without one: its words are others', and stay with the operator."""


def envelope_of(answer: Answer, what: str) -> dict[str, Any]:
    """The envelope of an answer; NidDown when it is none, or when the status is not about the content."""
    try:
        content = envelope.parse_body(answer.body)
    except envelope.EnvelopeBroken as broken:
        raise NidDown(by_status(what, answer.status, answer.wait, str(broken))) from broken
    faults = envelope.errors_of(content)
    if answer.status in (400, 422) and faults:
        refuse(faults, what)
    if answer.status != 200 or not {"errors", "response"} & content.keys():
        said, code = (str(faults[0]), faults[0].code) if faults else ("not MOSIP's own answer", "")
        raise NidDown(by_status(what, answer.status, answer.wait, said, code))
    return content


def content_of(answer: Answer, what: str, *, done: frozenset[str] = frozenset()) -> dict[str, Any] | None:
    """The envelope of a success; None when the errors say that it was done before (`done`)."""
    content = envelope_of(answer, what)
    faults = envelope.errors_of(content)
    if any(fault.code in done for fault in faults):
        return None
    refuse(faults, what)
    return content


def refuse(faults: Sequence[EnvelopeFault], what: str) -> None:
    """Nothing when there are no faults; else NidDown, or NidRefused when they are about the content."""
    if not faults:
        return
    kinds = {_kind(fault) for fault in faults}
    for kind in (FailureKind.TRANSIENT, FailureKind.CHANNEL):
        if kind in kinds:
            raise NidDown(Failure(kind, f"{what}: {faults[0]}"[:200], faults[0].code or NO_CODE))
    raise NidRefused(faults[0].code, faults[0].message)


def is_mosips(fault: EnvelopeFault) -> bool:
    """Whether the code is one of MOSIP's."""
    return _CODE.fullmatch(fault.code) is not None


def _kind(fault: EnvelopeFault) -> FailureKind:
    # clocks that differ (§7.1) say nothing about the person
    if fault.code in _PASSING | SERVER_TROUBLE or "requesttime" in fault.message:
        return FailureKind.TRANSIENT
    if fault.code in _CHANNEL or fault.code.startswith("KER-ATH-"):
        return FailureKind.CHANNEL
    if fault.code.isascii() and fault.code.isdigit():  # a service that writes an HTTP status there
        return kind_of_status(int(fault.code[:3]))
    # what bears no code of MOSIP's is no word of its about the record
    return FailureKind.RECORD if is_mosips(fault) else FailureKind.TRANSIENT


def faults_of(answer: Answer) -> Sequence[EnvelopeFault]:
    """What MOSIP itself complains of; none when the answer is somebody else's."""
    try:
        return envelope.errors_of(envelope.parse_body(answer.body))
    except envelope.EnvelopeBroken:
        return ()


def hub_failure(answer: Answer, what: str) -> Failure | None:
    """Why the hub did not take a request; None when it did (§4.2)."""
    refused = hub.refusal(answer.status, answer.text())
    if refused is None:
        return None
    if 200 <= answer.status < 300:  # the hub's own word: denied
        return Failure(FailureKind.CHANNEL, f"{what}: {refused}"[:200], "hub denied", answer.wait)
    return by_status(what, answer.status, answer.wait)


def response_of(content: Mapping[str, Any] | None, what: str, form: type) -> Any:
    """The response of a success; NidDown when it is not of this form: the ID system swallowed an error."""
    response = content.get("response") if content else None
    if not isinstance(response, form):
        raise NidDown(f"{what}: HTTP 200 without an answer")
    return response

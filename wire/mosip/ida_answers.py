"""ID authentication's answers, written and read. Pure.

Source: contract mosip §6.5 (id-authentication), §11.6 #25 (what a client must tell apart).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.mosip.envelope import EnvelopeFault, errors_of, ida_error_item
from wire.mosip.ida import REQUEST_IDS, VERSION
from wire.world import timestamp

ABOUT_THE_PERSON = frozenset(
    {"IDA-DEA-001", "IDA-DEA-003", "IDA-MLC-002", "IDA-MLC-003", "IDA-MLC-004", "IDA-MLC-005"}
    | {"IDA-MLC-010", "IDA-MLC-018", "IDA-MLC-022", "IDA-MLC-023"}
    | {"IDA-MLC-026", "IDA-MLC-027", "IDA-MLC-028", "IDA-MLC-029"}
)
"""Errors about the person or the number; all others say nothing of the person."""


def response(
    *,
    transaction_id: str,
    now: datetime,
    response: Mapping[str, Any],
    faults: Sequence[EnvelopeFault] = (),
    id: str = REQUEST_IDS["auth"],
) -> dict[str, Any]:
    """IDA's answer: `responseTime` with a capital T, `errors` null when there are none; always HTTP 200."""
    return {
        "transactionID": transaction_id,
        "version": VERSION,
        "id": id,
        "errors": [ida_error_item(fault) for fault in faults] or None,
        "responseTime": timestamp(now),
        "response": dict(response),
    }


@dataclass(frozen=True)
class AuthResult:
    """What a client learns. `verified` only when IDA says so and names no error."""

    verified: bool
    auth_token: str | None
    faults: tuple[EnvelopeFault, ...]


def read_response(body: Mapping[str, Any]) -> AuthResult:
    """Read an answer of auth or kyc; `response: null` is a failure, not a crash (§11.6 #25)."""
    faults = tuple(errors_of(body))
    held = body.get("response")
    inner: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    status = inner.get("authStatus", inner.get("kycStatus"))
    token = inner.get("authToken")
    return AuthResult(
        verified=status is True and not faults,
        auth_token=token if isinstance(token, str) else None,
        faults=faults,
    )

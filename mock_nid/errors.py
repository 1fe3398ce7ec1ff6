"""What this server refuses, in the form of the service that refuses: one hierarchy, one middleware.

Every class knows status, content type and body of its protocol (contract mosip §1.3, §2.4, §3.1, §3.4, §6.5,
§7.1, §9.3, §10); the present time comes from the renderer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wire.mosip import workflow
from wire.mosip.envelope import EnvelopeFault, error_item, failure, status_error_item
from wire.world import timestamp


class NidError(Exception):
    """Base of all refusals of the mock National ID system."""

    status = 200
    content_type = "application/json"
    headers: Mapping[str, str] = {}

    def body(self, now: datetime) -> bytes:
        """The answer's body; `now` is the present time."""
        raise NotImplementedError


def dumped(value: Any) -> bytes:
    """JSON as Jackson writes it: no blanks, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class EnvelopeError(NidError):
    """A refusal in the common envelope: `errors:[{errorCode, message}]`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 200,
        id: str | None = None,
        version: str | None = None,
        doubled: bool = False,
    ) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message
        self.status, self.id, self.version, self.doubled = status, id, version, doubled

    def body(self, now: datetime) -> bytes:
        fault = EnvelopeFault(self.code, self.message)
        once = dumped(failure(fault, now=now, id=self.id, version=self.version))
        return once * 2 if self.doubled else once


class Unauthenticated(EnvelopeError):
    """No token, or one that cannot be trusted. Without any token Spring writes the body twice (§1.6)."""

    def __init__(
        self, detail: str = "", *, doubled: bool = False, id: str | None = None, version: str | None = None
    ) -> None:
        super().__init__(
            "KER-ATH-401",
            f"Authentication Failed{detail}",
            status=401,
            doubled=doubled,
            id=id,
            version=version,
        )


class Forbidden(EnvelopeError):
    """The caller lacks a role."""

    def __init__(self, *, id: str | None = None, version: str | None = None) -> None:
        super().__init__("KER-ATH-403", "Forbidden", status=403, id=id, version=version)


class SpringError(NidError):
    """Spring's own error body, where a request could not even be read (§2.2)."""

    _NAMES: Mapping[int, str] = {
        400: "Bad Request",
        404: "Not Found",
        405: "Method Not Allowed",
        415: "Unsupported Media Type",
    }

    def __init__(self, status: int, path: str) -> None:
        super().__init__(f"{status} {path}")
        self.status, self.path = status, path

    def body(self, now: datetime) -> bytes:
        error = self._NAMES.get(self.status, "Error")
        return dumped({"timestamp": timestamp(now), "status": self.status, "error": error, "path": self.path})


class WorkflowError(NidError):
    """A refusal of the workflow API: HTTP 200, pretty-printed (§3.1)."""

    def __init__(self, code: str, message: str, *, id: str | None = None, version: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.id, self.version = code, message, id, version

    def body(self, now: datetime) -> bytes:
        return workflow.render(
            {
                "id": self.id,
                "version": self.version,
                "responsetime": timestamp(now),
                "response": None,
                "errors": [error_item(EnvelopeFault(self.code, self.message))],
            }
        ).encode()


class StatusError(NidError):
    """A refused status search: HTTP 200 and two entries, the inner one first (§3.4)."""

    OUTER = EnvelopeFault("RPR-RGS-015", "Invalid Request Value - Input Data is Incorrect")

    def __init__(self, code: str, message: str, id: str) -> None:
        super().__init__(f"{code} {message}")
        self.errors = [EnvelopeFault(code, message), self.OUTER]
        self.id = id

    def body(self, now: datetime) -> bytes:
        errors = [status_error_item(fault) for fault in self.errors]
        return dumped(
            {
                "id": self.id,
                "version": "1.0",
                "responsetime": timestamp(now),
                "response": None,
                "errors": errors,
            }
        )


class HubError(NidError):
    """A refusal of the hub: text (§4.2)."""

    content_type = "text/plain"

    def __init__(self, status: int, text: str, *, content_type: str = "text/plain") -> None:
        super().__init__(text)
        self.status, self.text, self.content_type = status, text, content_type

    def body(self, now: datetime) -> bytes:
        return self.text.encode()


class HubDenied(HubError):
    """`hub.mode=denied` with a reason."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(
            status,
            f"hub.mode=denied&hub.reason={reason}",
            content_type="application/x-www-form-urlencoded",
        )

"""The request that starts the processing of a packet. Pure.

Source: contract mosip §3.1 (workflow manager `WorkflowInstanceApi`, `WorkflowInstanceRequestValidator`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wire.mosip import envelope
from wire.mosip.envelope import EnvelopeFault
from wire.world import parse_timestamp, timestamp

WORKFLOW_ID = "mosip.registration.processor.workflow.instance"
VERSION = "v1"
ALREADY_PRESENT = EnvelopeFault(
    "RPR-WIS-001", "RPR-WIS-001 --> RPR-WIS-001 --> WorkflowInstance already present"
)
UNKNOWN = EnvelopeFault("RPR-WIN-002", "Unknown Exception")


class WorkflowRefused(Exception):
    """The workflow manager does not take the request; `fault` is what it answers with HTTP 200."""

    def __init__(self, fault: EnvelopeFault) -> None:
        self.fault = fault
        super().__init__(str(fault))


@dataclass(frozen=True)
class WorkflowInstance:
    """What to process. `id` and `version` are echoed; nothing inside was validated."""

    registration_id: str
    process: str
    source: str
    notification: Mapping[str, str | None]


def workflow_instance(
    *,
    packet_id: str,
    process: str,
    now: datetime,
    source: str = "CRVS1",
    name: str = "",
    phone: str = "",
    email: str = "",
) -> dict[str, Any]:
    """The body of `POST /registrationprocessor/v1/workflowmanager/workflowinstance`."""
    return envelope.request_envelope(
        {
            "registrationId": packet_id,
            "process": str(process),
            "source": source,
            "additionalInfoReqId": "",
            "notificationInfo": {"name": name, "phone": phone, "email": email},
        },
        now=now,
        id=WORKFLOW_ID,
        version=VERSION,
    )


def read_workflow_instance(body: Any) -> WorkflowInstance:
    """Check a request in the workflow manager's own order; WorkflowRefused carries its answer."""
    if not isinstance(body, Mapping):
        raise WorkflowRefused(UNKNOWN)
    request = body.get("request")
    if not isinstance(request, Mapping):
        raise WorkflowRefused(UNKNOWN)  # dereferenced before anything is validated
    _check(body.get("id"), "id", WORKFLOW_ID)
    _check(body.get("version"), "version", VERSION)
    _check_time(body.get("requesttime"))
    notification = request.get("notificationInfo")
    return WorkflowInstance(
        registration_id=_text(request.get("registrationId")),
        process=_text(request.get("process")),
        source=_text(request.get("source")),
        notification={str(name): _text(value) for name, value in notification.items()}
        if isinstance(notification, Mapping)
        else {},
    )


def started(workflow_instance_id: str, now: datetime) -> dict[str, Any]:
    """The answer to a request that was taken; the workflow manager prints it with `render`."""
    return {
        "id": WORKFLOW_ID,
        "version": VERSION,
        "responsetime": timestamp(now),
        "response": {"workflowInstanceId": workflow_instance_id},
        "errors": None,
    }


def render(body: Mapping[str, Any]) -> str:
    """The text as the workflow manager prints it: a name a line, ` : ` after it, inner objects inline."""
    lines = [f"  {json.dumps(name)} : {_inline(value)}" for name, value in body.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def instance_id(body: Mapping[str, Any]) -> str | None:
    """The workflowInstanceId of an answer; None when there is none."""
    response = body.get("response")
    found = response.get("workflowInstanceId") if isinstance(response, Mapping) else None
    return found if isinstance(found, str) and found else None


def _check(value: Any, name: str, due: str) -> None:
    if value is None:
        raise WorkflowRefused(_missing(name))
    if not isinstance(value, str) or value.lower() != due.lower():
        raise WorkflowRefused(_invalid(name))


def _check_time(value: Any) -> None:
    if value is None:
        raise WorkflowRefused(_missing("requesttime"))
    try:
        parse_timestamp(value)
    except (ValueError, TypeError) as error:
        raise WorkflowRefused(_invalid("requesttime")) from error


def _missing(name: str) -> EnvelopeFault:
    return EnvelopeFault("RPR-WIN-000", f"RPR-WIN-000 --> Missing Request Value - {name}")


def _invalid(name: str) -> EnvelopeFault:
    return EnvelopeFault("RPR-WIN-001", f"RPR-WIN-001 --> Invalid Request Value - {name}")


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(name)} : {_inline(entry)}" for name, entry in value.items())
        return f"{{ {inner} }}" if inner else "{ }"
    if isinstance(value, list):
        return f"[ {', '.join(_inline(entry) for entry in value)} ]" if value else "[ ]"
    return json.dumps(value, ensure_ascii=False)

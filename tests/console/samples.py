"""Small records, packets and exchanges for the tables of the console's tests."""

from __future__ import annotations

from typing import Any

from testbed.journal import Exchange

EVENT = "5a1c2c0e-7a0f-4d51-9b7b-0b7f0f6d9a11"
ACTION = "0f4f7f39-6d0c-4f0c-8a3c-7d2a8d2f1c07"
TRACKING = "K7QX2M"
PACKET = "10001100042368897711960464946"
NUMBER = f"2026B{TRACKING}"
AT = "2026-03-02T08:14:07.120Z"


def exchange(operation: str, status: int | None = 200, direction: Any = "in", **more: Any) -> Exchange:
    """One line of a journal. The server follows from the operation unless it is given."""
    nid = operation.startswith(("packet.", "hub.", "auth.token", "status."))
    values: dict[str, Any] = {
        "number": 1,
        "at": AT,
        "server": "mock_nid" if nid else "mock_opencrvs",
        "method": "POST",
        "target": f"/{operation}",
        "records": (EVENT, TRACKING),
    }
    return Exchange(operation=operation, status=status, direction=direction, **(values | more))


def action(kind: str, status: str = "Accepted", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{kind}-{status}",
        "type": kind,
        "status": status,
        "transactionId": f"t-{kind}",
        "declaration": {},
        "createdAt": AT,
        "createdBy": "u1",
        "createdByRole": "LOCAL_REGISTRAR",
        "createdByUserType": "user",
        "createdAtLocation": "o1",
        **more,
    }


DECLARED = {"child.name": {"firstname": "Chanda", "surname": "Mulenga"}, "child.dob": "2026-02-20"}


def document(*later: dict[str, Any], event_type: str = "birth") -> Any:
    """A declared birth with what happened after."""
    return {
        "id": EVENT,
        "type": event_type,
        "trackingId": TRACKING,
        "createdAt": AT,
        "updatedAt": AT,
        "actions": [action("CREATE"), action("DECLARE", declaration=DECLARED), *later],
    }


REQUESTED = action("REGISTER", "Requested", id=ACTION)
REGISTERED = action(
    "REGISTER",
    id="accepted",
    originalActionId=ACTION,
    registrationNumber=NUMBER,
    declaration={"child.nid": "8418302891079137"},
)
REJECTED = action(
    "REGISTER", "Rejected", id="rejected", originalActionId=ACTION, content={"reason": "Known already"}
)


def entry(state: str, **more: Any) -> dict[str, Any]:
    """A row of the bridge's list."""
    return {
        "id": "r1",
        "eventId": EVENT,
        "packetId": PACKET,
        "state": state,
        "number": NUMBER,
        "remedies": [],
        **more,
    }


def packet(status: str = "PROCESSING", **more: Any) -> dict[str, Any]:
    """A row of the ID system's registrations."""
    return {
        "registrationId": PACKET,
        "certificateNumber": NUMBER,
        "workflowInstanceId": "w1",
        "status": status,
        "stalled": False,
        "planSource": "default",
        "vid": None,
        **more,
    }

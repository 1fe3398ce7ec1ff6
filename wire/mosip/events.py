"""What the hub carries: issued credentials, completed and paused workflows, acknowledgements. Pure.

Sources: contract mosip §3.6 (workflow manager `WebSubUtil`), §5.2, §5.7 (credential-service, kernel
`EventModel`), §8 (id-repository `CredentialServiceManager`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from wire.mosip import topics
from wire.mosip.fields import FieldBroken, mapping, optional_text, text
from wire.world import timestamp

ResultCode = Literal["PROCESSED", "REJECTED", "FAILED"]
RESULT_CODES = ("PROCESSED", "REJECTED", "FAILED")
NEVER = "9999-12-31T23:59:59.999Z"
_ERROR_CODES = {"PROCESSED": None, "REJECTED": "PACKET_REJECTED", "FAILED": "PACKET_FAILED"}


@dataclass(frozen=True)
class CredentialIssued:
    """A credential event. `transaction_id` is MOSIP's credential request id, not the registration's id.

    Exactly one of `credential` (sealed text, or a plain JSON text) and `data_share_uri` is set.
    """

    topic: str
    event_id: str
    transaction_id: str
    registration_id: str
    credential_type: str
    credential: str | None
    data_share_uri: str | None
    timestamp: str | None


@dataclass(frozen=True)
class WorkflowCompleted:
    """A packet's end: PROCESSED, REJECTED (PACKET_REJECTED) or FAILED (PACKET_FAILED); no reason is told."""

    registration_id: str
    result: ResultCode
    workflow_type: str
    error_code: str | None


def event_model(
    *,
    publisher: str,
    topic: str,
    event_id: str,
    transaction_id: str,
    data: Mapping[str, Any],
    now: datetime,
    data_share_uri: str | None = None,
    type_name: str = "mosip",
) -> dict[str, Any]:
    """Kernel's EventModel round `data`."""
    return {
        "publisher": publisher,
        "topic": topic,
        "publishedOn": timestamp(now),
        "event": {
            "id": event_id,
            "transactionId": transaction_id,
            "type": {"namespace": "mosip", "name": type_name},
            "timestamp": timestamp(now),
            "dataShareUri": data_share_uri,
            "data": dict(data),
        },
    }


def credential_issued(
    *,
    topic: str,
    event_id: str,
    transaction_id: str,
    registration_id: str,
    credential: str | None,
    now: datetime,
    data_share_uri: str | None = None,
    credential_type: str = "vercred",
    protection_key: str | None = "275700",
    expiry: str | None = NEVER,
    signature: str | None = None,
    upstream_mock: bool = False,
) -> dict[str, Any]:
    """The event that carries a sealed credential, or the URL where it can be fetched.

    `expiry` is told when the policy shares a VID (None leaves it and TransactionLimit out); `signature` is
    the JWT in `data.proof`. `upstream_mock` leaves `dataShareUri` out, as OpenCRVS's mock of MOSIP does.
    """
    data: dict[str, Any] = {
        "registrationId": registration_id,
        "templateTypeCode": "RPR_UIN_CARD_TEMPLATE",
    }
    if expiry is not None:
        data |= {"ExpiryTimestamp": expiry, "TransactionLimit": None}
    if credential is not None and data_share_uri is None:
        data["credential"] = credential
    if signature is not None:
        data["proof"] = {"signature": signature}
    data |= {"credentialType": credential_type, "protectionKey": protection_key}
    body = event_model(
        publisher="CREDENTIAL_SERVICE",
        topic=topic,
        event_id=event_id,
        transaction_id=transaction_id,
        data=data,
        now=now,
        data_share_uri=data_share_uri,
    )
    if upstream_mock:
        del body["event"]["dataShareUri"]
    return body


def read_credential_issued(body: Any) -> CredentialIssued:
    """Parse a credential event; FieldBroken names what is missing."""
    message = mapping(body, "body")
    event = mapping(message.get("event"), "event")
    data = mapping(event.get("data"), "event.data")
    credential = optional_text(data, "credential", "event.data")
    share = optional_text(event, "dataShareUri", "event")
    if credential is None and share is None:
        raise FieldBroken("event.data.credential", "a credential or event.dataShareUri is due")
    return CredentialIssued(
        topic=text(message, "topic"),
        event_id=text(event, "id", "event"),
        transaction_id=text(event, "transactionId", "event"),
        registration_id=text(data, "registrationId", "event.data"),
        credential_type=optional_text(data, "credentialType", "event.data") or "vercred",
        credential=credential,
        data_share_uri=None if credential is not None else share,
        timestamp=optional_text(event, "timestamp", "event"),
    )


def workflow_completed(registration_id: str, result: ResultCode, workflow_type: str) -> dict[str, Any]:
    """The flat payload of a packet's end; it goes to every subscriber of the country."""
    return {
        "instanceId": registration_id,
        "resultCode": result,
        "workflowType": workflow_type,
        "errorCode": _ERROR_CODES[result],
    }


def read_workflow_completed(body: Any) -> WorkflowCompleted:
    """Parse a completed event; FieldBroken names what is missing."""
    message = mapping(body, "body")
    result = text(message, "resultCode")
    if result not in RESULT_CODES:
        raise FieldBroken("resultCode", f"one of {', '.join(RESULT_CODES)} is due")
    known: ResultCode = (
        "PROCESSED" if result == "PROCESSED" else "REJECTED" if result == "REJECTED" else "FAILED"
    )
    return WorkflowCompleted(
        registration_id=text(message, "instanceId"),
        result=known,
        workflow_type=text(message, "workflowType"),
        error_code=optional_text(message, "errorCode"),
    )


def workflow_paused(registration_id: str, workflow_type: str) -> dict[str, Any]:
    """The payload of a packet that waits for additional information."""
    return {
        "instanceId": registration_id,
        "workflowType": workflow_type,
        "additionalInfoProcess": "CORRECTION",
        "additionalInfoRequestId": f"{registration_id}-CORRECTION-1",
    }


def credential_status_update(
    *,
    publisher: str,
    event_id: str,
    request_id: str,
    now: datetime,
    status: str = "RECEIVED",
    topic: str = topics.CREDENTIAL_STATUS_UPDATE,
) -> dict[str, Any]:
    """The partner's acknowledgement, published at the hub; `request_id` is the event's transaction id (§5.7).

    The upstream mediator answers the hub's POST with this body instead (its topic is the credential's then).
    """
    return {
        "publisher": publisher,
        "topic": topic,
        "publishedOn": timestamp(now),
        "event": {
            "id": event_id,
            "requestId": request_id,
            "timestamp": timestamp(now),
            "status": status,
            "url": "",
        },
    }


def identity_status_changed(
    *,
    topic: str,
    event_id: str,
    transaction_id: str,
    id_hash: str,
    now: datetime,
    transaction_limit: int | None = None,
) -> dict[str, Any]:
    """What id-repository tells an authentication partner of a deactivated or removed id (§8).

    `topic` is `<auth partner>/DEACTIVATE_ID`, `/REMOVE_ID` or `/ACTIVATE_ID`; `transaction_id` the
    registration id of the change.
    """
    return event_model(
        publisher="ID_REPO",
        topic=topic,
        event_id=event_id,
        transaction_id=transaction_id,
        data={
            "id_hash": id_hash,
            "expiry_timestamp": timestamp(now),
            "transaction_limit": transaction_limit,
        },
        now=now,
        type_name="ida",
    )

"""The hub topics that join a civil registry to MOSIP. Source: contract mosip §3.6, §5.2, §5.7, §8. Pure."""

from __future__ import annotations

CREDENTIAL_ISSUED = "CREDENTIAL_ISSUED"
WORKFLOW_COMPLETED = "REGISTRATION_PROCESSOR_WORKFLOW_COMPLETED_EVENT"
WORKFLOW_PAUSED = "REGISTRATION_PROCESSOR_WORKFLOW_PAUSED_FOR_ADDITIONAL_INFO_EVENT"
CREDENTIAL_STATUS_UPDATE = "CREDENTIAL_STATUS_UPDATE"
DEACTIVATE_ID = "DEACTIVATE_ID"
REMOVE_ID = "REMOVE_ID"


def partner_topic(partner: str, name: str = CREDENTIAL_ISSUED) -> str:
    """A partner's own topic, `<partner>/CREDENTIAL_ISSUED`."""
    return f"{partner}/{name}"

"""The routes that a packet takes through the registration processor, and their codes. Pure tables.

Contract mosip §3.2, §3.3, §3.5 (registration-processor camel routes, `StatusUtil.java`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PacketStatus(StrEnum):
    """Internal status of a registration in the processor."""

    PROCESSING = "PROCESSING"
    PROCESSED = "PROCESSED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    REPROCESS = "REPROCESS"
    REPROCESS_FAILED = "REPROCESS_FAILED"
    PAUSED = "PAUSED"
    PAUSED_FOR_ADDITIONAL_INFO = "PAUSED_FOR_ADDITIONAL_INFO"
    RESUMABLE = "RESUMABLE"


class External(StrEnum):
    """Status as the external status search tells it."""

    PROCESSING = "PROCESSING"
    PROCESSED = "PROCESSED"
    UIN_GENERATED = "UIN_GENERATED"
    REREGISTER = "REREGISTER"
    REJECTED = "REJECTED"


@dataclass(frozen=True)
class ProcessorStage:
    """A stage: its name in the processor, the code of its transaction, and what it says on success."""

    name: str
    transaction: str
    success: str
    comment: str


VALIDATOR = ProcessorStage(
    "PacketValidatorStage", "VALIDATE_PACKET", "RPR-PKV-SUCCESS-001", "Packet Validation is Successful"
)
CLASSIFIER = ProcessorStage(
    "PacketClassifierStage",
    "PACKET_CLASSIFICATION",
    "RPR-PCL-SUCCESS-001",
    "Packet Classification is Successful",
)
CMD = ProcessorStage(
    "CmdValidatorStage", "CMD_VALIDATION", "RPR-CMD-SUCCESS-001", "CMD Validation is Successful"
)
OPERATOR = ProcessorStage(
    "OperatorValidatorStage",
    "OPERATOR_VALIDATION",
    "RPR-OVM-SUCCESS-001",
    "Operator Validation is Successful",
)
SUPERVISOR = ProcessorStage(
    "SupervisorValidatorStage",
    "SUPERVISOR_VALIDATION",
    "RPR-SPV-SUCCESS-001",
    "Supervisor Validation is Successful",
)
INTRODUCER = ProcessorStage(
    "IntroducerValidatorStage",
    "INTRODUCER_VALIDATION",
    "RPR-INT-SUCCESS-001",
    "Introducer Validation is Successful",
)
DEDUPE = ProcessorStage(
    "DemoDedupeStage", "DEMOGRAPHIC_VERIFICATION", "RPR-DDP-SUCCESS-001", "Demo Dedupe is Successful"
)
UIN = ProcessorStage(
    "UinGeneratorStage", "UIN_GENERATOR", "RPR-UIN-SUCCESS-001", "UIN Generated Successfully"
)
UIN_UPDATE = ProcessorStage(
    "UinGeneratorStage", "UIN_GENERATOR", "RPR-UIN-SUCCESS-002", "UIN Data is drafted Successfully"
)
FINALIZATION = ProcessorStage(
    "FinalizationStage", "FINALIZATION", "RPR-FIN-SUCCESS-001", "Draft is published successfully."
)
CREDENTIAL = ProcessorStage(
    "CredentialRequestorStage", "PRINT_SERVICE", "RPR-PRT-SUCCESS-001", "Print Request is Successful"
)

STAGE_NAMES = tuple(
    stage.name
    for stage in (
        *(VALIDATOR, CLASSIFIER, CMD, OPERATOR, SUPERVISOR, INTRODUCER),
        *(DEDUPE, UIN, FINALIZATION, CREDENTIAL),
    )
)
"""Every stage, in the order of the routes."""

BIRTHS = frozenset({"CRVS_NEW", "OPENCRVS_NEW"})
DEATHS = frozenset({"CRVS_DEATH"})


def route(
    process: str, *, officer: bool, introducer: bool, credential_on_death: bool
) -> tuple[ProcessorStage, ...]:
    """The stages of a process in order. Without an officer the supervisor's stage is taken."""
    stages = [VALIDATOR, CLASSIFIER, CMD, OPERATOR if officer else SUPERVISOR]
    if introducer:
        stages.append(INTRODUCER)
    if process in BIRTHS:
        stages += [DEDUPE, UIN, FINALIZATION, CREDENTIAL]
    else:
        stages += [UIN_UPDATE, FINALIZATION]
        if process not in DEATHS or credential_on_death:
            stages.append(CREDENTIAL)
    return tuple(stages)


@dataclass(frozen=True)
class StageFailure:
    """A way in which a packet ends badly: the stage, the sub-status code and its text."""

    stage: str
    code: str
    comment: str
    rejected: bool = False


_FAILURES = (
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-001", "File Validation Failed"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-002", "Schema Validation Failed"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-003", "Check Sum Validation Failed"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-005", "Applicant Document Validation Failed"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-006", "Master Data Validation Failed"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-008", "UIN is Not Found in ID Repository"),
    StageFailure(
        "PacketValidatorStage", "RPR-PKV-FAILED-009", "Mandatory Fields are Not Present in ID Object"
    ),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-010", "RID & Type not matched from sync table"),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-012", "Packet validation failed in packet manager"),
    StageFailure(
        "PacketValidatorStage",
        "RPR-PKV-FAILED-017",
        "Consent is not agreed for the packet to process further",
    ),
    StageFailure("PacketValidatorStage", "RPR-PKV-FAILED-018", "Packet manager non recoverable exception"),
    StageFailure("PacketClassifierStage", "RPR-PCL-FAILED-001", "Age group is not INFANT"),
    StageFailure("CmdValidatorStage", "RPR-CMD-FAILED-002", "Center ID Not Found in Master DB - "),
    StageFailure("CmdValidatorStage", "RPR-CMD-FAILED-003", "Center was InActive during Packet Creation - "),
    StageFailure("CmdValidatorStage", "RPR-CMD-FAILED-004", "Machine ID Not Found in Master DB - "),
    StageFailure(
        "CmdValidatorStage", "RPR-CMD-FAILED-005", "Machine ID was InActive during Packet Creation - "
    ),
    StageFailure("CmdValidatorStage", "RPR-CMD-FAILED-010", "Packet was Not Created during Working Hours - "),
    StageFailure("OperatorValidatorStage", "RPR-OVM-FAILED-001", "OfficerId is inActive"),
    StageFailure("OperatorValidatorStage", "RPR-OVM-FAILED-005", "Officer ID is NULL"),
    StageFailure("DemoDedupeStage", "RPR-DDP-FAILED-002", "Potential Demo Match was Found", rejected=True),
    StageFailure("UinGeneratorStage", "RPR-UIN-FAILED-003", "UIN already deactivated"),
    StageFailure("UinGeneratorStage", "RPR-UIN-FAILED-004", "UIN Generation failed - "),
    StageFailure("UinGeneratorStage", "RPR-UIN-FAILED-005", "UIN Updation failed - "),
    StageFailure("UinGeneratorStage", "RPR-UIN-FAILED-007", "UIN Deactivation  failed - "),
    StageFailure("UinGeneratorStage", "RPR-UIN-FAILED-009", "VID creation failed - "),
    StageFailure("FinalizationStage", "RPR-FIN-FAILED-001", "Draft request failed to publish."),
    StageFailure(
        "FinalizationStage",
        "RPR-FIN-FAILED-002",
        "Draft request is unavaialble in id-repo draft repository.",
    ),
)

FAILURES: Mapping[str, StageFailure] = {failure.code: failure for failure in _FAILURES}

FAILING = frozenset(failure.stage for failure in _FAILURES)
"""Stages in which a packet can end badly."""

USUAL_FAILURE = FAILURES["RPR-PKV-FAILED-012"]
USUAL_REJECTION = FAILURES["RPR-DDP-FAILED-002"]


def failure_for(code: str | None, stage: str | None, *, rejected: bool) -> StageFailure:
    """The failure that a plan means: by its code, else the first one of its stage, else the usual one."""
    if code is not None:
        return FAILURES[code]
    if stage is not None:
        return next(failure for failure in _FAILURES if failure.stage == stage)
    return USUAL_REJECTION if rejected else USUAL_FAILURE


def external(status: PacketStatus, last_good_stage: str | None) -> External:
    """Internal to external status (`RegistrationExternalStatusUtility.java`)."""
    if status is PacketStatus.PROCESSED:
        return External.UIN_GENERATED
    if status is PacketStatus.FAILED:
        return External.REREGISTER
    if status in (PacketStatus.REJECTED, PacketStatus.REPROCESS_FAILED):
        return External.REJECTED
    return External.PROCESSED if last_good_stage else External.PROCESSING

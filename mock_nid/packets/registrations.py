"""A packet on its way through the processor: what is known of it and how it may change. Pure.

The life of a registration: RECEIVED by the packet manager, started by a workflow instance (RESUMABLE),
PROCESSING stage by stage, and one end: PROCESSED, REJECTED, FAILED, or waiting (stalled, paused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from mock_nid.packets.plans import Plan
from mock_nid.packets.stages import PacketStatus, ProcessorStage, StageFailure, external
from wire.foreign_json import read_json


class IllegalChange(Exception):
    """A change that the registration's present state does not allow."""


@dataclass(frozen=True)
class Transaction:
    """One line of the transaction history (§3.4)."""

    id: str
    type_code: str
    status_code: str
    sub_status_code: str
    comment: str
    at: str
    stage: str


@dataclass(frozen=True)
class StoredPacket:
    """What createPacket stored: the fields as given (texts), not validated (§2.2)."""

    registration_id: str
    source: str
    process: str
    schema_version: str
    fields: Mapping[str, str]
    meta_info: Mapping[str, str]
    created_at: str

    @property
    def certificate_number(self) -> str | None:
        """The civil registry's number, birth or death."""
        return self.fields.get("birthCertificateNumber") or self.fields.get("deathCertificateNumber") or None

    @property
    def name(self) -> str:
        """The person's name as one text, whatever the form of `fullName`."""
        return text_of(self.fields.get("fullName"))

    @cached_property
    def operations(self) -> Mapping[str, Any]:
        """operationsData of the meta info as label -> value; empty when it cannot be read."""
        return labelled(self.meta_info.get("operationsData"))


def labelled(text: str | None) -> dict[str, Any]:
    """`[{"label":…, "value":…}]` text as a dict."""
    try:
        rows = read_json(text or "[]")
    except ValueError:
        return {}
    if not isinstance(rows, list):
        return {}
    return {str(row["label"]): row.get("value") for row in rows if isinstance(row, dict) and "label" in row}


def text_of(value: str | None) -> str:
    """A field's text: the value itself, or the values of its language list joined by blanks."""
    if not value:
        return ""
    if value.lstrip().startswith("["):
        try:
            rows = read_json(value)
        except ValueError:
            return value
        if isinstance(rows, list):
            return " ".join(str(row.get("value", "")) for row in rows if isinstance(row, dict))
    return value


@dataclass(frozen=True)
class PacketRegistration:
    """A packet with its way through the stages.

    `seconds` is how long the whole way takes. `uin`, `vid`, `pin` are set once, by the UIN stage, and never
    change: a redelivery carries the same number.
    """

    packet: StoredPacket
    workflow_id: str | None = None
    status: PacketStatus = PacketStatus.PROCESSING
    stage: str = "PacketReceiverStage"
    last_good_stage: str | None = None
    plan: Plan | None = None
    plan_source: str | None = None
    seconds: float = 0.0
    stalled: bool = False
    uin: str | None = None
    vid: str | None = None
    pin: str | None = None
    reason: str | None = None
    transactions: tuple[Transaction, ...] = field(default=())
    deliveries: int = 0

    @property
    def id(self) -> str:
        return self.packet.registration_id

    @property
    def ended(self) -> bool:
        return self.status in (PacketStatus.PROCESSED, PacketStatus.REJECTED, PacketStatus.FAILED)

    @property
    def records(self) -> tuple[str, ...]:
        """The ids under which the journal finds everything about it."""
        number = self.packet.certificate_number
        return (self.id, number) if number else (self.id,)

    def started(
        self, workflow_id: str, plan: Plan, source: str, seconds: float, at: str, transaction: str
    ) -> PacketRegistration:
        if self.workflow_id is not None:
            raise IllegalChange(f"registration {self.id} already has workflow instance {self.workflow_id}")
        line = Transaction(
            transaction,
            "WORKFLOW_RESUME",
            "SUCCESS",
            "RPR-WIA-SUCCESS-001",
            "Workflow resumed",
            at,
            self.stage,
        )
        return self._changed(
            workflow_id=workflow_id,
            plan=plan,
            plan_source=source,
            seconds=seconds,
            status=PacketStatus.RESUMABLE,
            stage="PacketValidatorStage",
            transactions=(*self.transactions, line),
        )

    def passed(self, stage: ProcessorStage, at: str, transaction: str) -> PacketRegistration:
        """The stage was good."""
        self.must_run()
        line = Transaction(
            transaction, stage.transaction, "SUCCESS", stage.success, stage.comment, at, stage.name
        )
        return self._changed(
            status=PacketStatus.PROCESSING,
            stage=stage.name,
            last_good_stage=stage.name,
            transactions=(*self.transactions, line),
        )

    def ended_badly(
        self, failure: StageFailure, comment: str, why: str, at: str, transaction: str
    ) -> PacketRegistration:
        """Rejected or failed at a stage; `why` stands in our `reason` only, MOSIP does not tell it."""
        self.must_run()
        line = Transaction(transaction, "WORKFLOW_ACTION", "FAILED", failure.code, comment, at, failure.stage)
        return self._changed(
            status=PacketStatus.REJECTED if failure.rejected else PacketStatus.FAILED,
            stage=failure.stage,
            reason=f"{failure.code} {comment}" + (f" ({why})" if why else ""),
            stalled=False,
            transactions=(*self.transactions, line),
        )

    def processed(self) -> PacketRegistration:
        self.must_run()
        return self._changed(status=PacketStatus.PROCESSED, stalled=False)

    def stalls(self, stage: str) -> PacketRegistration:
        """It stays in reprocessing until somebody acts."""
        self.must_run()
        return self._changed(status=PacketStatus.REPROCESS, stage=stage, stalled=True)

    def paused(self, stage: str) -> PacketRegistration:
        self.must_run()
        return self._changed(status=PacketStatus.PAUSED_FOR_ADDITIONAL_INFO, stage=stage, stalled=True)

    def numbered(self, uin: str, vid: str, pin: str) -> PacketRegistration:
        """UIN and VID are given once."""
        if self.vid is not None and (self.vid, self.uin) != (vid, uin):
            raise IllegalChange(f"registration {self.id} already has its numbers")
        return self._changed(uin=uin, vid=vid, pin=pin)

    def delivered(self) -> PacketRegistration:
        return self._changed(deliveries=self.deliveries + 1)

    def _changed(self, **values: Any) -> PacketRegistration:
        changed = object.__new__(PacketRegistration)
        # a frozen dataclass's own way takes ten times as long
        changed.__dict__.update(self.__dict__, **values)
        return changed

    def must_run(self) -> None:
        """IllegalChange unless it is under way."""
        if self.workflow_id is None:
            raise IllegalChange(f"registration {self.id} was not started: no workflow instance was asked for")
        if self.ended:
            raise IllegalChange(f"registration {self.id} has ended as {self.status}")

    def shown(self) -> dict[str, Any]:
        """For the admin API: everything but the person's data."""
        return {
            "registrationId": self.id,
            "certificateNumber": self.packet.certificate_number,
            "source": self.packet.source,
            "process": self.packet.process,
            "createdAt": self.packet.created_at,
            "workflowInstanceId": self.workflow_id,
            "status": self.status.value,
            "externalStatus": external(self.status, self.last_good_stage).value,
            "stage": self.stage,
            "stalled": self.stalled,
            "plan": self.plan.described() if self.plan else None,
            "planSource": self.plan_source,
            "uin": self.uin,
            "vid": self.vid,
            "reason": self.reason,
            "deliveries": self.deliveries,
            "transactions": [asdict(line) for line in self.transactions],
        }

"""Which actions there are, who may ask for them and what they carry (contract opencrvs §4.1, §4.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mock_opencrvs.zod import (
    Boolean,
    Fields,
    FieldValue,
    Optional,
    RecordOf,
    Shape,
    Text,
    Uuid,
)
from mock_opencrvs.zod import (
    Literal as Exactly,
)
from wire.opencrvs.profiles import Profile


@dataclass(frozen=True)
class ActionSpec:
    """One `event.actions.<path>.{request,accept,reject}`; `path` is its middle part.

    About an action that is not `confirmable` nobody asks the country's server: it has a request alone.
    """

    path: str
    type: str
    scopes: tuple[str, ...]
    system: bool = False
    strict: bool = True
    confirmable: bool = True
    extra: Mapping[str, Shape] = field(default_factory=dict)
    needed_on_accept: Mapping[str, Shape] = field(default_factory=dict)


_REASON = Fields({"reason": Text(1, "Message cannot be empty")})
_COMMENT = Optional(Fields({"comment": Optional(Text())}))
_TEMPLATE = Optional(Fields({"templateId": Optional(Text())}))


def action_specs(profile: Profile) -> tuple[ActionSpec, ...]:
    """The actions of a profile, in upstream's order."""
    old = profile is Profile.V1_9
    declared = ("record.declare", "record.register", *(("record.declared.validate",) if old else ()))
    number: Mapping[str, Shape] = {"registrationNumber": Text()}
    specs = [
        ActionSpec("notify", "NOTIFY", ("record.notify",), True, not old),
        ActionSpec("declare", "DECLARE", declared, False, False),
        ActionSpec(
            "register",
            "REGISTER",
            ("record.register",),
            extra={"registrationNumber": Optional(Text())},
            needed_on_accept=number,
        ),
        _reasoned("reject", "REJECT", "record.declared.reject" if old else "record.reject", old),
        _reasoned("archive", "ARCHIVE", "record.declared.archive" if old else "record.archive", old),
        ActionSpec(
            "printCertificate",
            "PRINT_CERTIFICATE",
            ("record.registered.print-certified-copies" if old else "record.print-certified-copies",),
            strict=not old,
            extra={"content": _TEMPLATE},
        ),
    ]
    if old:
        specs.append(
            ActionSpec(
                "validate",
                "VALIDATE",
                ("record.declared.validate", "record.register"),
                strict=False,
            )
        )
    else:
        specs += [
            ActionSpec("edit", "EDIT", ("record.edit",), extra={"content": _COMMENT}),
            ActionSpec(
                "custom",
                "CUSTOM",
                ("record.custom-action",),
                system=True,
                strict=False,
                extra={"customActionType": Text()},
            ),
        ]
    if profile is Profile.V2_1:
        specs += [
            ActionSpec("unarchive", "UNARCHIVE", ("record.unarchive",)),
            *(
                ActionSpec(
                    f"revocation.{verb}",
                    f"{verb.upper()}_REGISTRATION",
                    (f"record.{verb}-registration",),
                    confirmable=False,
                )
                for verb in ("revoke", "reinstate")
            ),
        ]
    return (*specs, *_corrections(old))


def _reasoned(path: str, kind: str, scope: str, old: bool) -> ActionSpec:
    return ActionSpec(path, kind, (scope,), strict=not old, extra={"content": _REASON})


def _corrections(old: bool) -> tuple[ActionSpec, ...]:
    ask = (
        ("record.registered.request-correction",) if old else ("record.request-correction", "record.correct")
    )
    decide = ("record.registered.correct",) if old else ("record.correct",)
    return (
        ActionSpec("correction.request", "REQUEST_CORRECTION", ask, True, not old),
        ActionSpec(
            "correction.approve",
            "APPROVE_CORRECTION",
            decide,
            True,
            not old,
            extra={"requestId": Text()},
        ),
        ActionSpec(
            "correction.reject",
            "REJECT_CORRECTION",
            decide,
            True,
            not old,
            extra={"requestId": Text(), "content": _REASON},
        ),
    )


def _base(profile: Profile) -> dict[str, Shape]:
    shapes: dict[str, Shape] = {
        "eventId": Uuid(),
        "transactionId": Text(),
        "declaration": Optional(RecordOf(FieldValue()), dict),
        "annotation": Optional(RecordOf(FieldValue())),
        "originalActionId": Optional(Uuid()),
        "keepAssignment": Optional(Boolean()),
        "keepAssignmentIfAccepted": Optional(Boolean()),
        "keepAssignmentIfRejected": Optional(Boolean()),
        "createdAtLocation": Optional(Uuid(), nullable=True),
    }
    if profile is not Profile.V1_9:
        shapes["waitFor"] = Optional(Boolean())
    return shapes


def request_input(spec: ActionSpec, profile: Profile) -> Shape:
    """What `*.request` takes (§4.2)."""
    fields = _base(profile) | {"type": Optional(Exactly(spec.type))} | dict(spec.extra)
    return Fields(fields, strict=spec.strict)


def accept_input(spec: ActionSpec, profile: Profile) -> Shape:
    """What `*.accept` takes: the action's own input and the action's id; unknown keys are dropped."""
    fields = _base(profile) | {"type": Optional(Exactly(spec.type))} | dict(spec.extra)
    return Fields(fields | dict(spec.needed_on_accept) | {"actionId": Uuid()})


def reject_input(profile: Profile) -> Shape:
    """What `*.reject` takes; there is no reason."""
    fields: dict[str, Shape] = {
        "eventId": Uuid(),
        "actionId": Uuid(),
        "transactionId": Text(),
        "keepAssignment": Optional(Boolean()),
    }
    if profile is not Profile.V1_9:
        fields["waitFor"] = Optional(Boolean())
    return Fields(fields)

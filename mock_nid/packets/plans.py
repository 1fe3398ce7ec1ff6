"""What the ID system will do with a packet: `Plan`, and several of them with weights. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from dataclasses import dataclass as plain_dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic.dataclasses import dataclass

from mock_nid.packets.stages import FAILING, FAILURES, STAGE_NAMES
from testbed.delays import parse_delay
from testbed.faults import OF_CREDENTIAL, OF_DELIVERY, Explained, FaultKind
from wire.world import Chance

FORGERIES = OF_CREDENTIAL | OF_DELIVERY
"""What a plan can do to the credential that it issues, and to its delivery."""


class PlanRefused(ValueError):
    """A plan that cannot be understood; the message says which word and what is possible."""


class PlannedOutcome(Explained):
    """What becomes of a packet."""

    ISSUE = "issue", "an identity is made, a credential is sealed and delivered"
    REJECT = "reject", "the packet is rejected by a person; `REJECTED` in the completed event"
    FAIL = "fail", "a stage fails; `FAILED` in the completed event; `stage` and `code` say which"
    STALL = "stall", "nothing comes, until somebody decides"
    PAUSE = "pause", "paused for additional information, until somebody decides"


Text = Annotated[str, Field(strict=True)]
Seconds = Annotated[float, Field(strict=True, ge=0, lt=1e10)]


DELAYS = (
    "^(fixed:[0-9]{1,6}|uniform:[1-4],[5-9]|lognormal:[1-9][0-9]{0,5},[1-3]|list:[0-9]{1,6}(,[0-9]{1,6})?)$"
)
"""Some of the texts that `parse_delay` takes, for who makes requests from the contract."""


def _delay(text: str) -> str:
    return str(parse_delay(text))


def _one_of(known: Iterable[str], what: str) -> AfterValidator:
    words = tuple(known)

    def check(text: str) -> str:
        if text not in words:
            raise ValueError(f"no {what} is called {text!r}; there are: {', '.join(words)}")
        return text

    return AfterValidator(check)


Stage = Annotated[
    Text, _one_of(STAGE_NAMES, "stage"), WithJsonSchema({"type": "string", "enum": list(STAGE_NAMES)})
]
Code = Annotated[
    Text, _one_of(FAILURES, "failure"), WithJsonSchema({"type": "string", "enum": list(FAILURES)})
]


def _forgery(kind: FaultKind) -> FaultKind:
    if kind not in FORGERIES:
        raise ValueError(f"no credential or delivery can be {kind}; it can: {', '.join(sorted(FORGERIES))}")
    return kind


Forgery = Annotated[
    FaultKind,
    AfterValidator(_forgery),
    WithJsonSchema({"type": "string", "enum": [kind.value for kind in FaultKind if kind in FORGERIES]}),
]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Plan:
    """One behaviour of the ID system for one packet."""

    outcome: PlannedOutcome = PlannedOutcome.ISSUE
    """one of the words above"""
    reason: Text | None = None
    """text of a rejection, as an officer of the ID system would write it"""
    stage: Stage | None = None
    """the stage in which it ends"""
    code: Code | None = None
    """the sub-status code, such as `RPR-PKV-FAILED-012`"""
    after: Seconds | None = None
    """seconds from the workflow instance to the outcome; else `MOCK_NID_PROCESSING_SECONDS`"""
    delay: (
        Annotated[Text, AfterValidator(_delay), WithJsonSchema({"type": "string", "pattern": DELAYS})] | None
    ) = None
    """in place of `after`: drawn, as `uniform:60,3600`, `lognormal:600,0.8`, `list:1,5,30`"""
    copies: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    """how many deliveries of the credential"""
    gap: Seconds = 0.0
    """seconds between the copies"""
    hold: Seconds = 0.0
    """seconds by which the delivery is kept back, so that later ones overtake it"""
    lost: Annotated[bool, Field(strict=True)] = False
    """the delivery is noted in the journal and never sent"""
    forge: Forgery | None = None
    """the credential or its delivery is wrong in one of the ways below"""

    def __post_init__(self) -> None:
        ends_badly = self.outcome in (PlannedOutcome.REJECT, PlannedOutcome.FAIL)
        if ends_badly and self.code is None and self.stage not in {None, *FAILING}:
            raise ValueError(f"no packet fails in {self.stage}; it can in: {', '.join(sorted(FAILING))}")

    def described(self) -> dict[str, Any]:
        """The plan as the admin API shows it: JSON, only what differs from a plain issue."""
        plain, shown = Plan(), {"outcome": self.outcome.value}
        for name, value in asdict(self).items():
            if value != getattr(plain, name):
                shown[name] = value.value if isinstance(value, StrEnum) else value
        return shown


_SHORT = re.compile(r"^(?P<outcome>[a-z]+)(?::(?P<detail>[^@=]*))?(?:@(?P<after>\d+(?:\.\d+)?))?$")
_CODE = re.compile(r"^RPR-[A-Z]+-FAILED-\d{3}$")


def plan_from(value: Any) -> Plan:
    """A plan from its JSON object or short text (`fail:RPR-PKV-FAILED-012@3600`); PlanRefused otherwise."""
    if isinstance(value, Plan):
        return value
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, Mapping):
        return _from_object(value)
    raise PlanRefused(f"a plan is an object or a text such as 'issue@60'; got {type(value).__name__}")


def _outcome(word: Any) -> PlannedOutcome:
    try:
        return PlannedOutcome(word)
    except ValueError:
        raise PlanRefused(f"no outcome is called {word!r}; there are: {', '.join(PlannedOutcome)}") from None


def _from_text(text: str) -> Plan:
    match = _SHORT.match(text.strip())
    if match is None:
        raise PlanRefused(
            f"{text!r} is no plan; write e.g. issue, issue@60, reject:duplicate person, fail, stall"
        )
    detail = (match["detail"] or "").strip() or None
    code = detail if detail and _CODE.match(detail) else None
    return _from_object(
        {
            "outcome": _outcome(match["outcome"]),
            "reason": None if code else detail,
            "code": code,
            "after": float(match["after"]) if match["after"] else None,
        }
    )


_PLAN = TypeAdapter(Plan)


def _from_object(given: Mapping[str, Any]) -> Plan:
    try:
        return _PLAN.validate_python(given)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "unexpected_keyword_argument":
            known = ", ".join(Plan.__dataclass_fields__)
            raise PlanRefused(f"a plan has no field {where!r}; it has: {known}") from None
        raise PlanRefused(": ".join(filter(None, (where, first["msg"])))) from None


@plain_dataclass(frozen=True)
class Weighted:
    """Plans by weight: the default of a server that should answer differently from packet to packet."""

    choices: tuple[tuple[float, Plan], ...]

    def pick(self, chance: Chance) -> Plan:
        if len(self.choices) == 1:
            return self.choices[0][1]
        point = chance.random() * sum(weight for weight, _ in self.choices)
        for weight, plan in self.choices:
            point -= weight
            if point < 0:
                return plan
        return self.choices[-1][1]

    def described(self) -> Any:
        if len(self.choices) == 1:
            return self.choices[0][1].described()
        return [{"weight": weight, "plan": plan.described()} for weight, plan in self.choices]


def weighted_from(value: Any) -> Weighted:
    """A default from a plan, from `issue=8,reject=1`, or from `[{"weight": 8, "plan": …}, …]`."""
    if isinstance(value, str) and "=" in value:
        pairs: list[tuple[float, Plan]] = []
        for part in value.split(","):
            text, _, weight = part.rpartition("=")
            try:
                pairs.append((float(weight), plan_from(text.strip())))
            except ValueError as wrong:
                raise PlanRefused(f"{part!r}: write plan=weight, e.g. issue=8 ({wrong})") from None
        return _checked(pairs)
    if isinstance(value, list):
        entries = [entry for entry in value if isinstance(entry, Mapping) and "plan" in entry]
        if not entries or len(entries) != len(value):
            raise PlanRefused('a list of {"weight": number, "plan": plan} is needed')
        return _checked([(_weight(e.get("weight", 1)), plan_from(e["plan"])) for e in entries])
    return Weighted(((1.0, plan_from(value)),))


def _weight(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanRefused(f"weight: a number is needed, got {value!r}")
    return value


def _checked(pairs: list[tuple[float, Plan]]) -> Weighted:
    if any(not 0 <= weight < 1e9 for weight, _ in pairs) or sum(weight for weight, _ in pairs) <= 0:
        raise PlanRefused("weights must not be negative, and one must be above zero")
    return Weighted(tuple(pairs))


MAGIC_WORDS: Mapping[str, Plan] = {
    "rejected": Plan(PlannedOutcome.REJECT),
    "failed": Plan(PlannedOutcome.FAIL),
    "unvalidated": Plan(PlannedOutcome.FAIL, stage="PacketValidatorStage", code="RPR-PKV-FAILED-012"),
    "closed": Plan(PlannedOutcome.FAIL, stage="CmdValidatorStage", code="RPR-CMD-FAILED-003"),
    "stalled": Plan(PlannedOutcome.STALL),
    "paused": Plan(PlannedOutcome.PAUSE),
    "hourly": Plan(after=3600.0),
    "weekly": Plan(after=8 * 86400.0),
    "twice": Plan(copies=2),
    "thrice": Plan(copies=3, gap=60.0),
    "lost": Plan(lost=True),
    "late": Plan(hold=600.0),
    "tampered": Plan(forge=FaultKind.TAMPERED),
    "misaddressed": Plan(forge=FaultKind.OTHER_PARTNER),
    "forged": Plan(forge=FaultKind.OTHER_KEY),
    "unsigned": Plan(forge=FaultKind.NO_SIGNATURE),
    "badsigned": Plan(forge=FaultKind.WRONG_SIGNATURE),
    "numberless": Plan(forge=FaultKind.NO_VID),
    "swapped": Plan(forge=FaultKind.OTHER_CERTIFICATE_NUMBER),
}
"""Words that, standing as a whole word in the person's name, choose the plan: they can be typed on a real
OpenCRVS screen, for example as the middle name."""


def magic_plan(name: str) -> Plan | None:
    """The plan of the first magic word in a name, case ignored."""
    for word in re.findall(r"[^\W\d_]+", name.lower()):
        if word in MAGIC_WORDS:
            return MAGIC_WORDS[word]
    return None

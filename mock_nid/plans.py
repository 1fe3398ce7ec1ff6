"""What the ID system will do with a packet: `Plan`, and the book in which plans are found. Pure.

Order of search: next in the queue, set for this registration (packet id or certificate number), a magic word
in the person's name, the default (one plan, or several with weights).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from testbed.delays import Delay, parse_delay
from wire.world import Chance


class PlanRefused(ValueError):
    """A plan that cannot be understood; the message says which word and what is possible."""


class Outcome(StrEnum):
    ISSUE = "issue"
    REJECT = "reject"
    FAIL = "fail"
    STALL = "stall"
    PAUSE = "pause"


class Forgery(StrEnum):
    """Ways in which an issued credential, or its delivery, is made wrong on purpose."""

    OTHER_PARTNER = "other-partner"
    TAMPERED = "tampered"
    NO_SPLITTER = "no-splitter"
    LEGACY_LAYOUT = "legacy-layout"
    OTHER_KEY = "other-key"
    NO_PROOF = "no-proof"
    OTHER_PROOF = "other-proof"
    ALIEN_ISSUER = "alien-issuer"
    NO_VID = "no-vid"
    EXTRA_ATTRIBUTES = "extra-attributes"
    OTHER_CERTIFICATE_NUMBER = "other-certificate-number"
    OTHER_SUBJECT = "other-subject"
    UNKNOWN_REGISTRATION = "unknown-registration"
    BAD_SIGNATURE = "bad-signature"
    NO_SIGNATURE = "no-signature"
    WRONG_TOPIC = "wrong-topic"
    MALFORMED = "malformed"

    @property
    def spoils(self) -> bool:
        """Whether the delivery is no longer the ID system's own word; others are odd and true."""
        return self not in (Forgery.LEGACY_LAYOUT, Forgery.NO_VID, Forgery.EXTRA_ATTRIBUTES)


@dataclass(frozen=True)
class Plan:
    """One behaviour of the ID system for one packet.

    `after` seconds until the outcome (None: the server's processing time), or drawn from a `delay` such as
    `uniform:60,3600`; `stage` and `code` say where it
    ends and with which sub-status (§3.5); `copies` deliveries of the credential event, `gap` seconds apart;
    `lost` deliveries are journalled and never sent; `hold` seconds keep the delivery back, so that later ones
    overtake it; `forge` makes the credential or its delivery wrong.
    """

    outcome: Outcome = Outcome.ISSUE
    reason: str | None = None
    stage: str | None = None
    code: str | None = None
    after: float | None = None
    delay: str | None = None
    copies: int = 1
    gap: float = 0.0
    hold: float = 0.0
    lost: bool = False
    forge: Forgery | None = None

    def described(self) -> dict[str, Any]:
        """The plan as the admin API shows it: JSON, only what differs from a plain issue."""
        plain = Plan()
        shown: dict[str, Any] = {"outcome": self.outcome.value}
        for name in ("reason", "stage", "code", "after", "delay", "copies", "gap", "hold", "lost", "forge"):
            value = getattr(self, name)
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


def _outcome(word: Any) -> Outcome:
    try:
        return Outcome(word)
    except ValueError:
        raise PlanRefused(f"no outcome is called {word!r}; there are: {', '.join(Outcome)}") from None


def _from_text(text: str) -> Plan:
    match = _SHORT.match(text.strip())
    if match is None:
        raise PlanRefused(
            f"{text!r} is no plan; write e.g. issue, issue@60, reject:duplicate person, fail, stall"
        )
    detail = (match["detail"] or "").strip() or None
    code = detail if detail and _CODE.match(detail) else None
    return Plan(
        outcome=_outcome(match["outcome"]),
        reason=None if code else detail,
        code=code,
        after=float(match["after"]) if match["after"] else None,
    )


def _number(value: Any, name: str, low: float = 0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value < 1e10:
        raise PlanRefused(f"{name}: a number of at least {low:g} is needed, got {value!r}")
    return value


def _delay(text: Any) -> str:
    try:
        return str(parse_delay(text))
    except ValueError as wrong:
        raise PlanRefused(f"delay: {wrong}") from None


def _from_object(given: Mapping[str, Any]) -> Plan:
    known = set(Plan.__dataclass_fields__)
    if unknown := sorted(str(key) for key in set(given) - known):
        raise PlanRefused(f"a plan has no field {unknown[0]!r}; it has: {', '.join(sorted(known))}")
    plan = Plan(outcome=_outcome(given.get("outcome", "issue")))
    changes: dict[str, Any] = {}
    for name in ("reason", "stage", "code"):
        value = given.get(name)
        if value is not None and not isinstance(value, str):
            raise PlanRefused(f"{name}: a text is needed, got {value!r}")
        changes[name] = value
    if given.get("delay") is not None:
        changes["delay"] = _delay(given["delay"])
    for name in ("after", "gap", "hold"):
        if given.get(name) is not None:
            changes[name] = float(_number(given[name], name))
    copies = given.get("copies", 1)
    if _number(copies, "copies", 1) != int(copies) or copies > 100:
        raise PlanRefused(f"copies: a whole number from 1 to 100 is needed, got {copies!r}")
    changes["copies"] = int(copies)
    lost = given.get("lost", False)
    if not isinstance(lost, bool):
        raise PlanRefused(f"lost: true or false is needed, got {lost!r}")
    changes["lost"] = lost
    if given.get("forge") is not None:
        try:
            changes["forge"] = Forgery(given["forge"])
        except ValueError:
            raise PlanRefused(
                f"forge: {given['forge']!r} is not known; there are: {', '.join(Forgery)}"
            ) from None
    return replace(plan, **changes)


@dataclass(frozen=True)
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
        return _checked([(_number(e.get("weight", 1), "weight"), plan_from(e["plan"])) for e in entries])
    return Weighted(((1.0, plan_from(value)),))


def _checked(pairs: list[tuple[float, Plan]]) -> Weighted:
    if any(not 0 <= weight < 1e9 for weight, _ in pairs) or sum(weight for weight, _ in pairs) <= 0:
        raise PlanRefused("weights must not be negative, and one must be above zero")
    return Weighted(tuple(pairs))


MAGIC_WORDS: Mapping[str, Plan] = {
    "rejected": Plan(Outcome.REJECT),
    "failed": Plan(Outcome.FAIL),
    "unvalidated": Plan(Outcome.FAIL, stage="PacketValidatorStage", code="RPR-PKV-FAILED-012"),
    "closed": Plan(Outcome.FAIL, stage="CmdValidatorStage", code="RPR-CMD-FAILED-003"),
    "stalled": Plan(Outcome.STALL),
    "paused": Plan(Outcome.PAUSE),
    "hourly": Plan(after=3600.0),
    "weekly": Plan(after=8 * 86400.0),
    "twice": Plan(copies=2),
    "thrice": Plan(copies=3, gap=60.0),
    "lost": Plan(lost=True),
    "late": Plan(hold=600.0),
    "tampered": Plan(forge=Forgery.TAMPERED),
    "misaddressed": Plan(forge=Forgery.OTHER_PARTNER),
    "forged": Plan(forge=Forgery.OTHER_KEY),
    "unsigned": Plan(forge=Forgery.NO_SIGNATURE),
    "badsigned": Plan(forge=Forgery.BAD_SIGNATURE),
    "numberless": Plan(forge=Forgery.NO_VID),
    "swapped": Plan(forge=Forgery.OTHER_CERTIFICATE_NUMBER),
}
"""Words that, standing as a whole word in the person's name, choose the plan: they can be typed on a real
OpenCRVS screen, for example as the middle name."""


def magic_plan(name: str) -> Plan | None:
    """The plan of the first magic word in a name, case ignored."""
    for word in re.findall(r"[^\W\d_]+", name.lower()):
        if word in MAGIC_WORDS:
            return MAGIC_WORDS[word]
    return None


@dataclass(frozen=True)
class Found:
    """A plan and where it came from: `queue`, `registration`, `magic`, `default`."""

    plan: Plan
    source: str


@dataclass
class PlanBook:
    """All plans of a server; `find` takes the queued one out."""

    default: Weighted
    queue: deque[Plan] = field(default_factory=deque)
    fixed: dict[str, Plan] = field(default_factory=dict)
    _delays: dict[str, Delay] = field(default_factory=dict)

    def find(self, keys: Iterable[str], name: str, chance: Chance) -> Found:
        """The plan for a packet known by `keys` (id, certificate number), of a person called `name`.

        A `delay` is drawn here and becomes the plan's `after`.
        """
        found = self._found(keys, name, chance)
        if found.plan.delay is not None:
            seconds = self.delay(found.plan.delay).draw(chance)
            return Found(replace(found.plan, after=seconds, delay=None), found.source)
        return found

    def delay(self, text: str) -> Delay:
        """The delay of that text: one object for each text, so that a list goes on where it was."""
        if text not in self._delays:
            self._delays[text] = parse_delay(text)
        return self._delays[text]

    def _found(self, keys: Iterable[str], name: str, chance: Chance) -> Found:
        if self.queue:
            return Found(self.queue.popleft(), "queue")
        for key in keys:
            if key in self.fixed:
                return Found(self.fixed[key], "registration")
        magic = magic_plan(name)
        if magic is not None:
            return Found(magic, "magic")
        return Found(self.default.pick(chance), "default")

    def enqueue(self, *plans: Plan | str | Mapping[str, Any]) -> None:
        """Plans for the next packets, one each."""
        self.queue.extend(plan_from(plan) for plan in plans)

    def set_for(self, key: str, plan: Plan | str | Mapping[str, Any]) -> None:
        """The plan for one packet id or certificate number."""
        self.fixed[key] = plan_from(plan)

    def set_default(self, plan: Any) -> None:
        self.default = weighted_from(plan)

    def clear(self, default: Weighted) -> None:
        self.queue.clear()
        self.fixed.clear()
        self.default = default

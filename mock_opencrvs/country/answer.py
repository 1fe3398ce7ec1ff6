"""What the country server's answer to the trigger means (contract opencrvs §1.2). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wire.opencrvs.profiles import Profile

UNEXPECTED = "Unexpected failure from country config action confirmation API"
INVALID = "Invalid payload received from country config action confirmation API"


@dataclass(frozen=True)
class Accepted:
    """200 with a body that fits: write the Accepted action with these fields."""

    declaration: Mapping[str, Any]
    annotation: Mapping[str, Any] | None = None
    registration_number: str | None = None


@dataclass(frozen=True)
class Pending:
    """202: nothing is written, somebody will accept or reject later."""


@dataclass(frozen=True)
class Rejection:
    """400: write the Rejected action. There is no reason in it."""


@dataclass(frozen=True)
class NoUsableAnswer:
    """Anything else: the registrar gets 500 with `text`, the Requested action stays."""

    text: str = field(default=UNEXPECTED)


CountryAnswer = Accepted | Pending | Rejection | NoUsableAnswer


def country_answer(profile: Profile, action_type: str, status: int | None, body: bytes) -> CountryAnswer:
    """The verdict on a final answer; `status` None means that no answer came."""
    if status == 202:
        return Pending()
    if status == 400:
        return Rejection()
    if status != 200:
        return NoUsableAnswer()
    return _accepted(profile, action_type, _parsed(body)) or NoUsableAnswer(INVALID)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {}  # core reads a body that is no JSON as an empty one


def _accepted(profile: Profile, action_type: str, body: Any) -> Accepted | None:
    if not isinstance(body, dict):
        return None
    known = {"declaration", "annotation"} | ({"registrationNumber"} if action_type == "REGISTER" else set())
    if profile is Profile.V1_9 and set(body) - known:
        return None  # two zod copies in core (§0.3, row 6)
    declaration = body.get("declaration", {})
    annotation = body.get("annotation")
    number = body.get("registrationNumber") if action_type == "REGISTER" else None
    if not isinstance(declaration, dict) or not isinstance(annotation, dict | None):
        return None
    if action_type == "REGISTER" and not isinstance(number, str):
        return None
    return Accepted(declaration, annotation, number)

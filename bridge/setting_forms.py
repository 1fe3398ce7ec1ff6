"""The forms of settings that say several things in one text. Pure; ValueError says what is due."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr

from bridge.calls.pace import Pace
from bridge.country.policy import Mode
from bridge.registration import Destination
from wire.environment import MAY_BE_EMPTY, WordsOrNone

_PACED = (Destination.NID, Destination.IDA, Destination.PAYMENTS, Destination.OPENCRVS, Destination.HUB)
_EVENT_TYPE = re.compile(r"[\w.-]+")
Words = tuple[str, ...]


def each_once(pairs: Words) -> Words:
    """ValueError when a name is given twice."""
    names = [pair.partition("=")[0] for pair in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{name!r} is given twice")
    return pairs


def modes(text: str) -> dict[str, Mode]:
    """`sync` for all, or `birth=sync,death=async`; what is not named is async."""
    found = {"*": Mode.ASYNC}
    parts = [part.strip().rpartition("=") for part in text.split(",")]
    each_once(tuple(kind.strip() or "*" for kind, _, _ in parts))
    for kind, _, mode in parts:
        try:
            found[_event_type(kind.strip() or "*")] = Mode(mode.strip())
        except ValueError:
            raise ValueError(
                f"{mode!r} is not a mode; BRIDGE_MODE is {' | '.join(Mode)}, or per event type as "
                "birth=sync,death=async"
            ) from None
    return found


def by_name(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE, each."""
    return dict(pair.split("=", 1) for pair in pairs)


def named_operators(text: str) -> list[tuple[str, str]]:
    """Name and credential of each."""
    parts = (one.strip().partition("=") for one in text.split(","))
    return [(name, token) for name, _, token in parts]


def paces(rate: Words, in_flight: Words) -> dict[Destination, Pace]:
    """By destination; those that have none are not limited."""
    rates, flights = by_name(rate), by_name(in_flight)
    return {
        to: Pace(float(rates[to]) if to in rates else None, int(flights[to]) if to in flights else None)
        for to in Destination
        if to in rates or to in flights
    }


def _event_type(text: str) -> str:
    if text != "*" and _EVENT_TYPE.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no type of event; several are parted by commas")
    return text


def _modes(text: str) -> str:
    modes(text)
    return text


def _event_types(value: Words) -> Words:
    return tuple(map(_event_type, value))


def _fields(value: Words) -> Words:
    pairs = [pair.split("=") for pair in value]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise ValueError("each is an event type and a field, as birth=child.nid")
    return each_once(value)


def _codes(value: Words) -> Words:
    if not all(pair.partition("=")[2] for pair in value):
        raise ValueError("each is the id of an office and its code, as b3d1c2aa-…-00000000000f=IB")
    return each_once(value)


SHARED = "two have the same credential: nobody could tell who of them did something"


def _operators(value: SecretStr) -> SecretStr:
    named = named_operators(value.get_secret_value())
    for name, token in named:
        if not re.fullmatch(r"[\w.@-]{1,80}", name) or len(token) < 16:
            raise ValueError("each is a name and a credential of 16 characters or more, as amina=TOKEN")
    if len({token for _, token in named}) != len(named):
        raise ValueError(SHARED)
    return value


def _limits(whole: bool) -> AfterValidator:
    form, least = (
        (r"\d{1,4}", "whole number from 1") if whole else (r"\d{1,4}(\.\d{1,3})?", "number from 0.001")
    )

    def checked(value: Words) -> Words:
        known = [to.value for to in _PACED]
        for pair in value:
            name, _, number = pair.partition("=")
            if name not in known or not re.fullmatch(form, number, re.ASCII) or float(number) <= 0:
                raise ValueError(
                    f"{pair!r}: a destination ({', '.join(known)}) and a {least} to 9999 without blanks, as "
                    "nid=20"
                )
        return each_once(value)

    return AfterValidator(checked)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone is called {value!r}; they are called as Pacific/Tongatapu") from None
    return value


def _off(*words: str) -> BeforeValidator:
    """Texts that mean none."""
    return BeforeValidator(lambda value: None if value in words else value)


Modes = Annotated[str, AfterValidator(_modes)]
EventTypes = Annotated[WordsOrNone, AfterValidator(_event_types)]
FieldByEventType = Annotated[WordsOrNone, AfterValidator(_fields)]
OfficeCodes = Annotated[WordsOrNone, AfterValidator(_codes)]
Operators = Annotated[SecretStr, AfterValidator(_operators)]
Rates = Annotated[WordsOrNone, _limits(whole=False)]
Flights = Annotated[WordsOrNone, _limits(whole=True)]
TimeZone = Annotated[str, AfterValidator(_zone)]
NumberOrOff = Annotated[int | None, MAY_BE_EMPTY, _off("none", "off", "")]
PortOrEmpty = Annotated[int | None, MAY_BE_EMPTY, _off("")]

"""Answers of the real libraries (tests/vectors/opencrvs.json), built as our values."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from tests.known import VECTORS
from wire.opencrvs import ecma
from wire.opencrvs.javascript import (
    INVALID_DATE,
    UNDEFINED,
    URL,
    BigInt,
    JSError,
    JSMap,
    JSSet,
    RegExp,
)

KNOWN: dict[str, Any] = ecma.loads((VECTORS / "opencrvs.json").read_bytes())


def named(part: str) -> list[Any]:
    """The cases of a part, for parametrize, with their names as ids."""
    return KNOWN[part]  # type: ignore[no-any-return]


def built(tagged: Any) -> Any:
    """A value out of the generator's tagged form."""
    if isinstance(tagged, list):
        return [built(member) for member in tagged]
    if not isinstance(tagged, dict):
        return tagged
    kind, value = tagged["$"], tagged.get("v")
    simple = {"undefined": UNDEFINED, "InvalidDate": INVALID_DATE}
    if kind in simple:
        return simple[kind]
    makers: dict[str, Any] = {
        "bigint": lambda: BigInt(int(value)),
        "number": lambda: -0.0 if value == "-0" else float(value.replace("Infinity", "inf")),
        "Date": lambda: datetime.fromisoformat(value),
        "RegExp": lambda: RegExp(*value),
        "Set": lambda: JSSet([built(member) for member in value]),
        "Map": lambda: JSMap([[built(key), built(held)] for key, held in value]),
        "Error": lambda: JSError(value[1], value[0]),
        "URL": lambda: URL(value),
        "object": lambda: {key: built(held) for key, held in value},
    }
    return makers[kind]()


def tagged(value: Any) -> Any:
    """The generator's tagged form of one of our values: NaN and -0 compare well in it."""
    if isinstance(value, dict):
        return {"$": "object", "v": [[key, tagged(held)] for key, held in value.items()]}
    if isinstance(value, list):
        return [tagged(member) for member in value]
    if isinstance(value, JSSet):
        return {"$": "Set", "v": [tagged(member) for member in value.values]}
    if isinstance(value, JSMap):
        return {"$": "Map", "v": [[tagged(key), tagged(held)] for key, held in value.entries]}
    if isinstance(value, datetime):
        return {"$": "Date", "v": value.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    if isinstance(value, float) and (
        math.isnan(value) or math.isinf(value) or math.copysign(1, value) < 0 == value
    ):
        text = (
            "-0" if value == 0 else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        )
        return {"$": "number", "v": text}
    if value is UNDEFINED:
        return {"$": "undefined"}
    if value is INVALID_DATE:
        return {"$": "InvalidDate"}
    if isinstance(value, BigInt):
        return {"$": "bigint", "v": str(value.value)}
    if isinstance(value, RegExp):
        return {"$": "RegExp", "v": [value.source, value.flags]}
    if isinstance(value, JSError):
        return {"$": "Error", "v": [value.name, value.message]}
    return value

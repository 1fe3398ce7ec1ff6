"""Registration numbers by the country's template: made of what the record says, or counted. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT_NUMBER = "{year}{letter}{trackingId}"
_TOKENS = "{year} {letter} {trackingId} {sequence} {sequence:04} {office} {eventType}"
_SEQUENCE = re.compile(r"\{sequence(?::0([1-9]))?\}")
_SAMPLE: dict[str, object] = {
    "year": 2026,
    "letter": "B",
    "trackingId": "K7QX2M",
    "eventType": "birth",
    "office": "0000000f",
}


@dataclass(frozen=True)
class Series:
    """Numbers that differ in their count alone; `width`: how many digits the count has at least."""

    before: str
    after: str
    width: int = 1

    @property
    def key(self) -> str:
        """Names the counter. Without the width: another width must not begin to count anew."""
        return f"{self.before}{{sequence}}{self.after}"

    def number(self, count: int) -> str:
        return f"{self.before}{count:0{self.width}}{self.after}"


def numbered(template: str, **values: object) -> str | Series:
    """The number that the template makes of the values, or the series that it is the next of."""
    counted = _SEQUENCE.search(template)
    if counted is None:
        return template.format(**values)
    return Series(
        before=template[: counted.start()].format(**values),
        after=template[counted.end() :].format(**values),
        width=int(counted[1] or 1),
    )


def checked(template: str) -> str:
    """The template, when it gives every record a number of its own; ValueError says what is wrong."""
    if ("{trackingId}" in template) == (_SEQUENCE.search(template) is not None):
        raise ValueError(
            "the registration number needs {trackingId} or {sequence}, one of the two; without them two "
            "records get the same number"
        )
    try:
        numbered(template, **_SAMPLE)
    except (LookupError, AttributeError, ValueError) as error:
        raise ValueError(
            f"the registration number is made of {_TOKENS} and other signs; wrong here: {error}"
        ) from error
    return template

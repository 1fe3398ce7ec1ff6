"""Reading JSON that others wrote: a value of the right shape, or an error that names the field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FieldBroken(ValueError):
    """A message lacks a field or holds something else: `path` names the field, `why` says what is due."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """`value` as an object."""
    if not isinstance(value, Mapping):
        raise FieldBroken(path, "an object is due")
    return value


def text(holder: Mapping[str, Any], name: str, path: str = "") -> str:
    """The non-empty text at `name`."""
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise FieldBroken(f"{path}.{name}" if path else name, "a text is due")
    return value


def optional_text(holder: Mapping[str, Any], name: str, path: str = "") -> str | None:
    """The text at `name`; None when it is absent, null or empty."""
    value = holder.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise FieldBroken(f"{path}.{name}" if path else name, "a text is due")
    return value

"""Tables of names, written as words. Pure."""

from __future__ import annotations


def names(text: str) -> tuple[str, ...]:
    """The words of a text, in their order."""
    return tuple(text.split())

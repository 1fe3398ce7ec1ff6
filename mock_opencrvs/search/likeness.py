"""How alike two texts are, as the search index judges: a few edits are forgiven. Pure."""

from __future__ import annotations

from typing import Any


def name_words(value: Any) -> list[str]:
    """The words of a name or a text, without case."""
    parts = value.values() if isinstance(value, dict) else [value]
    return " ".join(str(part) for part in parts if part is not None).casefold().split()


def near(word: str, others: list[str]) -> bool:
    """Whether one of the words is this one: one edit up to five letters, two beyond; a beginning will do."""
    allowed = _allowed(word)
    return any(other.startswith(word) or edits(word, other, allowed) <= allowed for other in others)


def similar_name(one: Any, two: Any) -> bool:
    """Two NAME values whose first name and surname are both within the allowed edits."""
    if not (isinstance(one, dict) and isinstance(two, dict)):
        return False
    for part in ("firstname", "surname"):
        first, second = str(one.get(part, "")).casefold(), str(two.get(part, "")).casefold()
        allowed = _allowed(first)
        if not first or not second or edits(first, second, allowed) > allowed:
            return False
    return True


def same_id(one: Any, two: Any) -> bool:
    """Equal, or not to be compared because one is missing."""
    return one is None or two is None or one == two


def _allowed(word: str) -> int:
    return 0 if len(word) < 3 else 1 if len(word) <= 5 else 2


def edits(one: str, two: str, limit: int) -> int:
    """The edit distance, or `limit + 1` when it is surely beyond."""
    if one == two:
        return 0
    if limit == 0 or abs(len(one) - len(two)) > limit:
        return limit + 1
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)

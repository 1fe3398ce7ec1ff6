"""How much a run of the suite tries: on a laptop what each test is for, on CI (`CI=true`) more of the same.

Cases of one kind, orders and crowds differ in number alone; no test is left out but these examples of it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

ON_CI = bool(os.environ.get("CI"))


def size(usual: int, on_ci: int) -> int:
    return on_ci if ON_CI else usual


def examples(usual: Sequence[T], on_ci: Sequence[T]) -> list[T]:
    """The usual ones, and on CI these as well."""
    return [*usual, *on_ci] if ON_CI else [*usual]

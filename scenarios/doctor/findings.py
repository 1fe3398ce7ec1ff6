"""The kinds of findings, and one finding: of which kind, where. Pure; the table is `findings.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("findings.toml")


class Severity(StrEnum):
    """FAULT: it does not work. RISK: it works, until something happens. ADVICE: good to know."""

    FAULT = "fault"
    RISK = "risk"
    ADVICE = "advice"


class Responsible(StrEnum):
    """Whose job it is to mend it."""

    COUNTRY = "who runs the bridge or mediator"
    MOSIP = "the ID system's team"
    OPENCRVS = "who runs OpenCRVS"
    NETWORK = "who runs the network"


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One line of the table."""

    id: str
    severity: Severity
    owner: Responsible
    what: str
    mend: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` names settings and files; `detail` says what was seen. Neither holds a secret."""

    kind: FindingKind
    where: str
    detail: str = ""


@cache
def kinds() -> dict[str, FindingKind]:
    """All kinds by id, in the order of the table."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return {
        id: FindingKind(id, Severity(row["severity"]), Responsible[row["owner"]], row["what"], row["mend"])
        for id, row in table.items()
    }


def finding(id: str, where: str | Iterable[str], detail: str = "") -> Finding:
    """A finding of the kind; KeyError when the table has none of this id."""
    return Finding(kinds()[id], where if isinstance(where, str) else ", ".join(where), detail)


def names(one: Finding) -> frozenset[str]:
    """The variables and files that a finding is about."""
    return frozenset(one.where.rpartition(" in ")[0].split(", "))


def unblamed(found: Iterable[Finding], before: Iterable[Finding]) -> Iterator[Finding]:
    """Those about what had no fault before: what follows from a fault is none of its own."""
    blamed = frozenset[str]().union(*(names(one) for one in before if one.kind.severity is Severity.FAULT))
    return (one for one in found if not names(one) <= blamed)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """The worst first, each once."""
    rank = list(Severity)
    return sorted(dict.fromkeys(found), key=lambda one: (rank.index(one.kind.severity), one.kind.id))

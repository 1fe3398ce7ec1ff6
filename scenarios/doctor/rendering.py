"""An examination as text, as Markdown for a ticket, and as JSON. Pure."""

from __future__ import annotations

import json
from collections import Counter

from scenarios.doctor.examination import Diagnosis
from scenarios.doctor.findings import Finding, Severity
from scenarios.doctor.names import ProgramKind


def as_json(report: Diagnosis) -> str:
    """Everything, for a program."""
    found = [
        {
            "id": one.kind.id,
            "severity": one.kind.severity,
            "what": one.kind.what,
            "where": one.where,
            "seen": one.detail,
            "owner": one.kind.owner,
            "mend": one.kind.mend,
        }
        for one in report.findings
    ]
    whole = {
        "looked_at": report.source,
        "as": report.program,
        "findings": found,
        "asked": report.asked,
        "not_looked_at": list(report.unseen),
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def as_text(report: Diagnosis) -> str:
    """What stands in the terminal."""
    parts = [_told(one) for one in report.findings]
    parts += [f"not looked at: {one}" for one in report.unseen]
    (other,) = set(ProgramKind) - {report.program}
    return "\n".join([*parts, f"{_sum(report)} If it is the {other}'s: --as {other}."])


def _told(one: Finding) -> str:
    seen = f" ({one.detail})" if one.detail else ""
    return (
        f"{one.kind.severity} {one.kind.id}: {one.where}\n"
        f"    {one.kind.what}{seen}\n    {one.kind.owner}: {one.kind.mend}\n"
    )


def _sum(report: Diagnosis) -> str:
    counts = Counter(one.kind.severity for one in report.findings)
    told = ", ".join(
        f"{counts[each]} {each}{'s' if counts[each] > 1 else ''}" for each in Severity if counts[each]
    )
    told = told or "nothing found"
    return f"{report.source}, as the {report.program}'s: {told}; {report.asked} questions asked."


def as_markdown(report: Diagnosis) -> str:
    """A ticket: a table a person can tick off, by whose job it is."""
    parts = [f"## Before the night: {_escaped(report.source)}", _sum(report)]
    for owner in dict.fromkeys(one.kind.owner for one in report.findings):
        rows = [
            f"- [ ] **{one.kind.severity} `{one.kind.id}`** {_escaped(one.where)}: {one.kind.what}"
            f"{f' ({_escaped(one.detail)})' if one.detail else ''} *{_escaped(one.kind.mend)}*"
            for one in report.findings
            if one.kind.owner is owner
        ]
        parts.append("\n".join([f"### For {owner}", "", *rows]))
    if report.unseen:
        parts.append("\n".join(["### Not looked at", "", *(f"- {_escaped(one)}" for one in report.unseen)]))
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")

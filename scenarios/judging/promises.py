"""The five promises, judged from evidence alone: pure functions, one per promise.

Each looks at everything that concerns it and names the record and the evidence of every breach.
A promise whose evidence cannot be seen (a foreign part) is not judged, and never counted as kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from html import unescape
from unicodedata import normalize

from scenarios.judging.evidence import (
    LONGEST_NAME,
    Evidence,
    Identity,
    JudgedRecord,
    Question,
    RecordedAction,
    SentDelivery,
    Unfinished,
    same_name,
)
from scenarios.judging.leaks import leaks
from scenarios.judging.verdicts import ENDS, PROMISES, Breach, Promise, Ruling, Verdict, counted, ruled
from wire.world import timestamp

UNENDED = "never came to an end"
"""Of a record that the bridge lists as waiting: where waiting is cut short, that is no silence yet."""


_NOES = frozenset({"refused", "unverified", "unpaid"})
_OF_IDENTITY = ("REGISTER", "APPROVE_CORRECTION")
"""Actions that need the ID system's word; before others a country may have people verified, and decides."""


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """The five verdicts, in the order of the promises."""
    return tuple(_verdict(promise, evidence) for promise in PROMISES)


def _verdict(promise: Promise, evidence: Evidence) -> Verdict:
    needs, looked_at, find = _JUDGES[promise.number]
    for part in needs:
        if part in evidence.unseen:
            return Verdict(promise, Ruling.NOT_JUDGED, evidence.unseen[part])
    findings = tuple(find(evidence))
    if promise is ENDS and not findings and (unanswered := _unanswered(evidence)):
        waits = f"{counted(unanswered, 'record')} waiting after an error or no answer"
        return Verdict(promise, Ruling.NOT_JUDGED, waits)
    return ruled(promise, looked_at(evidence), findings)


def _deferred(evidence: Evidence) -> list[Question]:
    """The questions that were answered 202, one per action (the latest)."""
    latest = {q.action_id: q for q in evidence.questions if q.status == 202}
    return list(latest.values())


def _unanswered(evidence: Evidence) -> int:
    """How many actions wait after an error or no answer: nothing was promised, and nothing kept."""
    last = {question.action_id: question for question in evidence.questions}
    held = {record.event_id: record for record in evidence.records}
    return sum(
        (question.status is None or question.status >= 500)
        and (record := held.get(question.event_id)) is not None
        and record.requested(question.action_id) is not None
        and not record.answers(question.action_id)
        for question in last.values()
    )


def _silences(evidence: Evidence) -> Iterator[Breach]:
    listed = {w.action_id: w for w in evidence.waiting}
    held = {record.event_id: record for record in evidence.records}
    for question in _deferred(evidence):
        record = held.get(question.event_id)
        if record is None:
            yield Breach(question.event_id, "was answered 202, and OpenCRVS no longer holds it")
            continue
        if record.answers(question.action_id):
            continue
        asked = f"{question.action_type} {question.action_id} was answered 202 at {timestamp(question.at)}"
        yield from _still_open(record, listed.get(question.action_id), asked, evidence)


def _still_open(
    record: JudgedRecord, waiting: Unfinished | None, asked: str, evidence: Evidence
) -> Iterator[Breach]:
    open_at = f"at {timestamp(evidence.at)} OpenCRVS holds no acceptance and no rejection of it"
    if waiting is None:
        missing = "the bridge's list of unfinished registrations does not name it"
        missing = evidence.unseen.get("waiting", missing)
        yield Breach(record.label, "waits in silence", (asked, open_at, missing))
    elif not (waiting.stuck or waiting.held):
        state = f"the bridge lists it as {waiting.state}, not as stuck or held: nobody is called to act"
        yield Breach(record.label, UNENDED, (asked, open_at, state))
    elif not (waiting.reason or waiting.held) or not waiting.remedies:
        lacks = "anything that an operator could do" if waiting.reason or waiting.held else "a reason"
        yield Breach(
            record.label, "is stuck, but not actionable", (asked, open_at, f"{waiting.state} lacks {lacks}")
        )


def _line(action: RecordedAction) -> str:
    number = f" with {action.registration_number}" if action.registration_number else ""
    return f"{timestamp(action.at)} {action.type} {action.status}{number} (row {action.id})"


def _repetitions(evidence: Evidence) -> Iterator[Breach]:
    for record in evidence.records:
        settled: dict[str, list[RecordedAction]] = defaultdict(list)
        for action in record.actions:
            if action.original_id is not None and action.status != "Requested":
                settled[action.original_id].append(action)
        for rows in settled.values():
            if len(rows) > 1:
                accepted = sum(row.status == "Accepted" for row in rows)
                what = "was accepted more than once" if accepted > 1 else "was both accepted and rejected"
                what = what if accepted else "was rejected more than once"
                yield Breach(record.label, f"one action {what}", tuple(map(_line, rows)))
        registered = [a for a in record.actions if a.type == "REGISTER" and a.status == "Accepted"]
        if len({a.original_id for a in registered}) > 1:
            yield Breach(record.label, "was registered twice", tuple(map(_line, registered)))


def _strangers(evidence: Evidence) -> Iterator[Breach]:
    numbers: dict[str, set[str]] = defaultdict(set)
    persons: dict[str, set[str]] = defaultdict(set)
    for record in evidence.records:
        for number in record.registration_numbers:
            numbers[number].add(record.label)
        if record.national_id:
            persons[record.national_id].add(record.label)
    for kind, holders in (("registration number", numbers), ("national ID", persons)):
        for labels in holders.values():
            if len(labels) > 1:
                yield Breach(" and ".join(sorted(labels)), f"carry the same {kind}")
    yield from _mismatches(evidence)


def _mismatches(evidence: Evidence) -> Iterator[Breach]:
    by_certificate: dict[str, list[Identity]] = defaultdict(list)
    by_number = {number: i for i in evidence.identities for number in i.numbers}
    for identity in evidence.identities:
        by_certificate[identity.certificate_number].append(identity)
    for record in evidence.records:
        for number in record.confirmed_numbers:
            for identity in by_certificate.get(number, ()):
                if identity.name and record.name and not _may_be(record, identity.name):
                    sent = f"packet {identity.registration_id} asked under that number for {identity.name}"
                    yield Breach(record.label, "carries the number of another person's packet", (sent,))
        owner = by_number.get(record.national_id or "")
        if owner is not None and owner.certificate_number not in ("", *record.confirmed_numbers):
            issued = (
                f"the ID system issued it to packet {owner.registration_id} "
                f"({owner.name}, certificate {owner.certificate_number})"
            )
            yield Breach(record.label, "carries another person's national ID", (issued,))


def _may_be(record: JudgedRecord, name: str) -> bool:
    """Whether a packet's name is the record's, or what was left of it on the way."""
    for letters in (_plain, _latin):
        whole, sent = iter(letters(record.name)), letters(name)
        if sent and all(letter in whole for letter in sent):
            return True
    return record.goes_by(name)


def _plain(name: str) -> str:
    return normalize("NFC", unescape(name)).casefold().replace(" ", "")


def _latin(name: str) -> str:
    """What a change of encodings leaves alone: letters without their accents."""
    return "".join(letter for letter in normalize("NFD", _plain(name)) if "a" <= letter <= "z")


def _impostors(evidence: Evidence) -> Iterator[Breach]:
    """Confirmations after a 202 that no genuine message and no operator's decision stands behind."""
    decided = {d.action_id for d in evidence.decisions}
    issued = {number for identity in evidence.identities for number in identity.numbers}
    planted = {f.number: f for f in evidence.forgeries if f.number}
    for record in evidence.records:
        if record.national_id in planted:
            forged = planted[record.national_id]
            seen = f"sent by a stranger at {timestamp(forged.at)}: {forged.what}"
            yield Breach(record.label, "carries a national ID that a stranger planted", (seen,))
        elif record.national_id and record.national_id not in issued:
            yield Breach(record.label, "carries a national ID that the ID system never issued")
    held = {record.event_id: record for record in evidence.records}
    said = _Said(evidence)
    for question in _deferred(evidence):
        found = held.get(question.event_id)
        if found is None or question.action_id in decided or question.action_type not in _OF_IDENTITY:
            continue
        mine = said.packets(found, question)
        for answer in found.answers(question.action_id):
            yield from _unbacked(found, answer, mine, said, evidence)


class _Said:
    """What the ID system said, found by record: a backlog has thousands of both."""

    def __init__(self, evidence: Evidence) -> None:
        self._packets: dict[str, set[str]] = defaultdict(set)
        self._messages: dict[str, list[SentDelivery]] = defaultdict(list)
        for waiting in evidence.waiting:
            self._packets[waiting.action_id].add(waiting.registration_id)
        self._identities = evidence.identities
        self._nobodys = {one.registration_id for one in evidence.identities if not one.name}
        for identity in evidence.identities:
            for key in (identity.certificate_number, same_name(identity.name)):
                self._packets[key].add(identity.registration_id)
        for delivery in evidence.deliveries:
            self._messages[delivery.registration_id].append(delivery)

    def packets(self, record: JudgedRecord, question: Question) -> set[str]:
        """The packets about this record: by the bridge's list, by number, by name; and those of nobody."""
        keys = {question.action_id, *record.registration_numbers, *record.called} - {""}
        packets = {packet for key in keys for packet in self._packets.get(key, ())}
        if len(record.name) > LONGEST_NAME:
            packets |= {one.registration_id for one in self._identities if record.goes_by(one.name)}
        own = {record.event_id, *record.registration_numbers, *record.people}
        return self._nobodys | own | packets

    def until(self, instant: datetime, packets: Collection[str]) -> list[SentDelivery]:
        """The genuine messages about these packets up to an instant."""
        return [d for packet in packets for d in self._messages.get(packet, ()) if d.at <= instant]


def _unbacked(
    record: JudgedRecord, answer: RecordedAction, mine: Collection[str], said: _Said, evidence: Evidence
) -> Iterator[Breach]:
    wanted = {"issued", "processed"} if answer.status == "Accepted" else _NOES
    genuine = sorted(said.until(answer.at, mine), key=lambda delivery: delivery.at)
    if any(d.means in wanted for d in genuine):
        return
    sent = [f"{timestamp(d.at)} the ID system said: {d.means}" for d in genuine]
    forged = [
        f"{timestamp(f.at)} a stranger sent: {f.what}"
        for f in evidence.forgeries
        if f.at <= answer.at and (f.registration_id in mine or not f.registration_id)
    ]
    backed = sent + forged or ["the ID system had sent nothing about it"]
    yield Breach(
        record.label,
        f"was {answer.status.lower()} although the ID system had not said so",
        (_line(answer), *backed),
    )


_Judge = tuple[tuple[str, ...], Callable[[Evidence], str], Callable[[Evidence], Iterator[Breach]]]
_JUDGES: dict[int, _Judge] = {
    1: (("records",), lambda e: f"{len(_deferred(e))} answered 202", _silences),
    2: (("records",), lambda e: counted(len(e.records), "record"), _repetitions),
    3: (("records", "identities"), lambda e: counted(len(e.records), "record"), _strangers),
    4: (("log",), lambda e: counted(len(e.log), "log line"), leaks),
    5: (
        ("records", "identities"),
        lambda e: f"{len(e.deliveries)} genuine messages, {len(e.forgeries)} forged",
        _impostors,
    ),
}

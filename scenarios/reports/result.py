"""What a run says about each requirement: one JSON document that others can check, signed by its verifier."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from scenarios.events import Checked, Event, Exchanged, RunEnded, StoryOutcome
from scenarios.judging.verdicts import Ruling
from scenarios.reports.badge import badge
from scenarios.reports.chapters import Book, Chapter
from scenarios.reports.plain import NdjsonReport
from scenarios.reports.signing import NotGenuine, PrivateKey, signature, signer_of
from scenarios.requirements import EVERY, Owner, looks, owed_by
from scenarios.story import Actor

Part = Literal["bridge", "id-system", "opencrvs"]

_OWERS: dict[Part, tuple[Owner, ...]] = {
    "bridge": (Owner.BRIDGE, Owner.COUNTRY_SERVER),
    "id-system": (Owner.ID_SYSTEM,),
    "opencrvs": (Owner.OPENCRVS,),
}
"""Who is judged with a part: at the address that OpenCRVS calls a bridge is the country's server as well."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Standing(StrEnum):
    """How a requirement came out."""

    MET = "met"
    BROKEN = "broken"
    NOT_OBSERVED = "not observed"


class Seen(_Document):
    """One look at a requirement: the check of a story, and what was seen when it was not met."""

    story: str
    check: str
    seen: str = ""


class RequirementResult(_Document):
    """A requirement with what was found. `why`: why nothing was observed."""

    id: str
    owes: Owner
    must: str
    standing: Standing
    evidence: list[Seen] = []
    why: str = ""


class Played(_Document):
    """One story. `failures`: what was not met, or why it was not played."""

    name: str
    title: str
    outcome: StoryOutcome
    failures: list[str] = []


class Subject(_Document):
    """What was judged. `product`: its name and version, as whoever ran it calls it."""

    part: Part
    product: str
    addresses: list[str] = []


class EvidenceDigest(_Document):
    """Everything that happened, as `--ndjson` writes it: `digest` is `sha256:…` of that file."""

    digest: str
    events: int


class Result(_Document):
    """`plan` is the version of requirements and stories; `signature` a detached JWS over all the rest in RFC
    8785's form, whose header holds the verifier's public key.
    """

    format: Literal["opencrvs-nid-rehearsal result 1"] = "opencrvs-nid-rehearsal result 1"
    kit: str
    plan: str
    judged: Subject
    profile: str
    began: AwareDatetime
    seconds: float
    clock: str
    seed: int
    interrupted: bool = False
    requirements: list[RequirementResult]
    stories: list[Played]
    evidence: EvidenceDigest
    signature: str = ""

    def count(self, standing: Standing) -> int:
        return sum(one.standing is standing for one in self.requirements)

    @property
    def title(self) -> str:
        return f"{self.judged.product}, OpenCRVS {self.profile}, {self.began:%Y-%m-%d %H:%M} UTC"

    @property
    def failed(self) -> bool:
        bad = any(one.outcome in (StoryOutcome.FAILED, StoryOutcome.ERROR) for one in self.stories)
        return bad or bool(self.count(Standing.BROKEN))

    @property
    def signer(self) -> str:
        """The thumbprint of the key that signed it just now."""
        return signer_of(self.model_dump(mode="json", exclude={"signature"}), self.signature)


def read_result(path: Path) -> tuple[Result, str]:
    """A result, and the thumbprint of the key that signed it. NotGenuine when it is none, or was changed."""
    try:
        document = json.loads(path.read_bytes())
        result = Result.model_validate_json(path.read_bytes())
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise NotGenuine(f"it is no result: {where}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise NotGenuine("it is no result: this is no JSON") from None
    # read and written again it would differ where somebody wrote a value in another way
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    return result, signer_of(unsigned, result.signature)


class ResultReport:
    """Writes result and badge at the end of a run; `result` is there for whoever listens after it."""

    def __init__(
        self, judged: Subject, key: PrivateKey | None, path: Path | None = None, picture: Path | None = None
    ) -> None:
        self._judged, self._key, self._path, self._picture = judged, key, path, picture
        self._book, self._digest = Book(), _Digest()
        self._plain = NdjsonReport(self._digest)
        self.result: Result | None = None

    def __call__(self, event: Event) -> None:
        self._book(event)
        self._plain(event)
        if not isinstance(event, RunEnded):
            return
        self.result = result_of(self._book, self._judged, self._digest.evidence())
        if self._key is not None:
            signed = signature(self.result.model_dump(mode="json", exclude={"signature"}), self._key)
            self.result = self.result.model_copy(update={"signature": signed})
        if self._path is not None:
            self._path.write_text(self.result.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if self._picture is not None:
            counts = (self.result.count(standing) for standing in Standing)
            self._picture.write_text(badge(self.result.profile, *counts), encoding="utf-8")


def digest_of(path: Path) -> EvidenceDigest:
    """The evidence that a file of `--ndjson` is."""
    found = _Digest()
    with path.open(encoding="utf-8", newline="") as lines:
        for line in lines:
            found.write(line)
    return found.evidence()


class _Digest(io.StringIO):
    """A stream that keeps nothing of what is written but its digest."""

    def __init__(self) -> None:
        super().__init__()
        self._hash, self._lines = hashlib.sha256(), 0

    def write(self, text: str) -> int:
        self._hash.update(text.encode())
        self._lines += 1
        return len(text)

    def evidence(self) -> EvidenceDigest:
        return EvidenceDigest(digest=f"sha256:{self._hash.hexdigest()}", events=self._lines)


def result_of(book: Book, judged: Subject, evidence: EvidenceDigest) -> Result:
    """The result of a run that has ended, not signed yet. Pure."""
    run, ended = book.started, book.ended
    if run is None or ended is None:
        raise ValueError("a run that has not ended has no result")
    stories = [
        Played(
            name=chapter.name,
            title=chapter.started.story.title,
            outcome=chapter.outcome,
            failures=list(chapter.ended.failures) if chapter.ended else [],
        )
        for chapter in book.chapters
    ]
    return Result(
        kit=run.kit,
        plan=run.plan,
        judged=judged,
        profile=run.profile,
        began=run.began,
        seconds=round(ended.seconds, 3),
        clock=run.clock,
        seed=run.seed,
        interrupted=ended.interrupted,
        requirements=_judgements(book, judged.part),
        stories=stories,
        evidence=evidence,
    )


def _judgements(book: Book, part: Part) -> list[RequirementResult]:
    met: dict[str, dict[tuple[str, str], Seen]] = {}
    broken: dict[str, dict[tuple[str, str], Seen]] = {}
    for chapter in book.chapters:
        for one, good, look in _looks_of(chapter):
            (met if good else broken).setdefault(one, {}).setdefault((look.story, look.check), look)
    outcomes = {chapter.name: chapter for chapter in book.chapters}
    found = []
    for asked in owed_by(_OWERS[part]):
        standing = Standing.BROKEN if asked.id in broken else Standing.MET
        evidence = broken.get(asked.id) or met.get(asked.id) or {}
        why = ""
        if not evidence:
            standing, why = Standing.NOT_OBSERVED, asked.unobserved or _why_not(asked.id, outcomes)
        asked_of = {"id": asked.id, "owes": asked.owes, "must": asked.must}
        seen = list(evidence.values())
        found.append(RequirementResult(**asked_of, standing=standing, evidence=seen, why=why))
    return found


def _looks_of(chapter: Chapter) -> Iterator[tuple[str, bool, Seen]]:
    """Requirement, whether it is met, and the look; without those that could not have failed."""
    said = [event for event in chapter.events if isinstance(event, Exchanged)]
    confirmed = any(event.operation.endswith((".accept", ".reject")) for event in said)
    worked = any(
        (event.sender, event.receiver) == (Actor.BRIDGE, Actor.NID) and event.operation not in _GREETINGS
        for event in said
    )
    for one, met, seen in _all_looks_of(chapter):
        # who registers at once and asks nobody keeps no rule of confirming, nor of the ID system
        idle = (one.startswith("OCRVS-ACC") and not confirmed) or (one.startswith("MOSIP") and not worked)
        if not (met and idle):
            yield one, met, seen


_GREETINGS = frozenset({"auth.token", "hub.subscribe"})
"""What a bridge says to the ID system at its start, with no record in hand."""


def _all_looks_of(chapter: Chapter) -> Iterator[tuple[str, bool, Seen]]:
    for event in chapter.events:
        if isinstance(event, Checked):
            for one in event.shows:
                yield one, event.met, Seen(story=chapter.name, check=event.text, seen=event.seen)
    for verdict in chapter.ended.verdicts if chapter.ended else ():
        kept = verdict.ruling is Ruling.KEPT and not verdict.looked_at.startswith("0 ")
        for one in verdict.promise.shows.split():
            # where a story looks on purpose, a promise that nobody tempted shows nothing
            if verdict.ruling is Ruling.BROKEN or (kept and one not in _by_stories()):
                seen = "; ".join(f"{finding.record} {finding.what}" for finding in verdict.findings)
                yield one, kept, Seen(story=chapter.name, check=verdict.promise.text, seen=seen)


@cache
def _by_stories() -> set[str]:
    # when a result is written: the checks are read from their sources
    return {look.id for look in looks() if look.where != EVERY}


def _why_not(asked: str, chapters: dict[str, Chapter]) -> str:
    reasons = []
    for where in dict.fromkeys(look.where for look in looks() if look.id == asked):
        chapter = chapters.get(where)
        if chapter is None or chapter.ended is None:
            reasons.append("no story came to it" if where == EVERY else f"{where} was not played")
        elif chapter.outcome is StoryOutcome.NOT_PLAYED:
            reasons.append(f"{where}: {'; '.join(chapter.ended.failures)}")
        else:
            reasons.append(f"{where} did not come to it")
    return " · ".join(reasons) or "only the kit's own tests look at it, against its mocks"

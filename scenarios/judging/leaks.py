"""Promise 4: what a log line must not show, and how a leak is reported without repeating it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.judging.evidence import Evidence, LogLine, Secret
from scenarios.judging.verdicts import Breach

SHAPES = (
    ("a JSON web token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
)
"""Secrets that are known by their form, whoever they belong to."""

_QUOTED = 160
_WORD = re.compile("[0-9A-Za-z]+")


@dataclass(frozen=True)
class _Known:
    """The known secrets, so that the log of a big scenario is read once, not once per secret.

    Secrets of letters and digits alone are looked up word by word; only the others need a pattern.
    """

    words: dict[str, Secret]
    others: dict[str, Secret]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, secrets: tuple[Secret, ...]) -> _Known:
        by_value = {secret.value: secret for secret in secrets if len(secret.value) >= 6}
        words = {value: secret for value, secret in by_value.items() if _WORD.fullmatch(value)}
        others = {value: secret for value, secret in by_value.items() if value not in words}
        longest_first = sorted(others, key=len, reverse=True)
        # a number inside a longer number is another number; with nothing to look for, nothing is found
        alternatives = "|".join(map(re.escape, longest_first)) or r"(?!)"
        return cls(words, others, re.compile(rf"(?<![0-9A-Za-z])(?:{alternatives})(?![0-9A-Za-z])"))

    def within(self, text: str) -> Iterator[Secret]:
        """The secrets that a text shows."""
        for match in _WORD.finditer(text):
            if (secret := self.words.get(match.group())) is not None:
                yield secret
        for match in self.pattern.finditer(text):
            yield self.others[match.group()]


def leaks(evidence: Evidence) -> Iterator[Breach]:
    """Every log line that shows a secret, named by its kind and owner, with the value blacked out."""
    known = _Known.of(evidence.secrets)
    for line in evidence.log:
        found: dict[str, str] = {}
        owner = ""
        for kind, shape in SHAPES:
            for match in shape.finditer(line.text):
                found[match.group()] = kind
        for secret in known.within(line.text):
            found.setdefault(secret.value, secret.kind)
            owner = owner or secret.owner
        if found:
            kinds = ", ".join(sorted(set(found.values())))
            yield Breach(owner or line.source, f"a log line shows {kinds}", (_blacked(line, found),))


def _blacked(line: LogLine, found: dict[str, str]) -> str:
    """The line with every secret replaced, cut to a readable length around the first of them."""
    text = line.text
    for value in sorted(found, key=len, reverse=True):
        text = text.replace(value, f"█{found[value]}█")
    start = max(0, text.find("█") - _QUOTED // 2)
    return f"{line.source}: {'…' if start else ''}{text[start : start + _QUOTED]}"

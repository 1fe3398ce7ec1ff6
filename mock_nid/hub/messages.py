"""A message of the hub, and the bytes and headers that a subscriber gets. Pure (contract mosip §4.5)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from testbed.facts import Said, Word
from testbed.faults import OF_DELIVERY, FaultKind
from wire.mosip import hub as wire_hub

Signing = Literal["good", "bad", "none"]


@dataclass(frozen=True)
class Message:
    """Something published. `records`: which registrations it is about; `faults`: what was done to it.

    `hold` seconds keep it back so that later ones overtake it; a `lost` one is never sent; `raw` replaces the
    body (a malformed one). `word`: what it says about the first record; `spoilt`: no longer genuine.
    """

    topic: str
    payload: dict[str, Any]
    records: tuple[str, ...] = ()
    signing: Signing = "good"
    hold: float = 0.0
    lost: bool = False
    raw: bytes | None = None
    faults: tuple[str, ...] = ()
    word: Word | None = None
    spoilt: bool = False

    @property
    def said(self) -> tuple[Said, ...]:
        """What it says about its packet, and whether that still is the ID system's own word."""
        if self.word is None:
            return ()
        return (Said(self.records[0], self.word, self.faults if self.spoilt else ()),)

    def body(self, *, reserialise: bool) -> bytes:
        """The body as it travels: the hub parses and writes it anew, with blanks after `:` and `,`."""
        if self.raw is not None:
            return self.raw
        separators = (", ", ": ") if reserialise else (",", ":")
        return json.dumps(self.payload, ensure_ascii=False, separators=separators).encode()


def signature(secret: str, body: bytes, signing: Signing) -> str | None:
    """X-Hub-Signature over the exact body bytes; None when none is to be sent."""
    if signing == "none":
        return None
    right = wire_hub.signature(secret, body)
    if signing == "bad":  # in its last digit alone: it is to be compared whole
        return right[:-1] + ("0" if right[-1] != "0" else "1")
    return right


def headers(
    message: Message, body: bytes, *, hub_url: str, secret: str | None, sign: bool, link: bool
) -> dict[str, str]:
    """Content type, Link (without the brackets of RFC 8288, as the hub writes it) and signature."""
    made = {"Content-Type": "application/json"}
    if link:
        made["Link"] = wire_hub.link_header(hub_url, message.topic)
    text = signature(secret, body, message.signing) if secret and sign else None
    if text is not None:
        made[wire_hub.SIGNATURE_HEADER] = text
    return made


def struck(message: Message, kind: FaultKind | None) -> tuple[Message, int]:
    """The message as a fault of its delivery leaves it, and how often it is sent."""
    if kind in OF_DELIVERY:
        message = replace(message, spoilt=True)
    match kind:
        case FaultKind.LOSE:
            return replace(message, lost=True), 1
        case FaultKind.DUPLICATE:
            return message, 2
        case FaultKind.WRONG_SIGNATURE:
            return replace(message, signing="bad"), 1
        case FaultKind.NO_SIGNATURE:
            return replace(message, signing="none"), 1
        case FaultKind.WRONG_TOPIC:
            return replace(message, payload={**message.payload, "topic": "another/TOPIC"}), 1
        case FaultKind.MALFORMED_BODY:
            return replace(message, raw=b'{"publisher": '), 1
        case FaultKind.TRUNCATED_BODY:
            whole = message.body(reserialise=True)
            return replace(message, raw=whole[: len(whole) // 2]), 1
        case _:
            return message, 1

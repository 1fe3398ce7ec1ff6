"""What must never be read in a log or a journal: tokens, keys, secrets and national IDs.

Names are compared without case; a dotted field id (`child.nid`) is judged by its last part. Values that are
at hand (`hide`) are masked wherever they stand, whatever their shape; shapes are the net below that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from wire.words import names

MASK = "«hidden»"
_SHORTEST = 5
"""Signs of the shortest national ID; shorter values would mask half of every line."""
_KEPT = 64
_always: dict[str, None] = {}
_at_hand: ContextVar[tuple[str, ...]] = ContextVar("values that no line may hold", default=())

_SECRET_NAMES = frozenset(
    names("""
        authorization cookie set-cookie signature token access_token id_token subject_token
        client_assertion password secretkey client_secret clientsecret shasecret hub.secret secret
        code_verifier refresh_token credential jws protectionkey requestsessionkey requesthmac sessionkey
        x-hub-signature nonce
    """)
)
_NATIONAL_ID_NAMES = frozenset(
    names("""
        nid uin vid individualid individual_id nationalidnumber introduceruin introducerrid national_id
        national_identity id_number restoredvid passport
    """)
)
_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]*\.[\w-]*")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_NATIONAL_ID = re.compile(r"(?<![\w-])(?:\d{10}|\d{16})(?![\w-])")
_WORD_SIGN = re.compile(r"[0-9A-Za-z]")
_SECRET_PAIR = re.compile(
    r"(?i)\b(hub\.secret|client_secret|subject_token|access_token|client_assertion|code|password)=[^&\s]+"
)


@lru_cache(4096)
def is_private(name: str) -> bool:
    """Whether a field of this name holds a secret or a national ID."""
    lowered = name.lower()
    return lowered in _SECRET_NAMES or lowered.rsplit(".", 1)[-1] in _NATIONAL_ID_NAMES


def hide(*values: str | None) -> None:
    """Mask these values in every line that this request or task writes from now on."""
    new = [value for value in values if value is not None and len(value) >= _SHORTEST]
    if new:
        kept = dict.fromkeys([*_at_hand.get(), *new])
        _at_hand.set(tuple(kept)[-_KEPT:])


def hide_always(*values: str) -> None:
    """Mask these values, the secrets of this process, in every line."""
    _always.update((value, None) for value in values if len(value) >= _SHORTEST)


def at_hand() -> tuple[str, ...]:
    """What `hide` was given so far in this request or task."""
    return _at_hand.get()


def hide_private(value: Any) -> None:
    """`hide` what stands under private names in a JSON value, at any depth."""
    found: list[str] = []
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            for name, item in one.items():
                if isinstance(item, dict | list):
                    rest.append(item)
                elif is_private(name) and item is not None:
                    found.append(str(item))
        elif isinstance(one, list):
            rest.extend(item for item in one if isinstance(item, dict | list))
    hide(*found)


def _known() -> tuple[str, ...]:
    return (*_always, *_at_hand.get())


def _without(text: str, known: Sequence[str]) -> str:
    for value in known:
        if value in text:
            text = "".join(_around(text, value))
    return text


def _around(text: str, value: str) -> Iterator[str]:
    """The text in pieces, with a mask for the value where it is no part of a longer word.

    By hand: a pattern is of one value, and to compile it costs more than a line.
    """
    begin = 0
    at = text.find(value)
    while at >= 0:
        end = at + len(value)
        if (at and _WORD_SIGN.match(text, at - 1)) or _WORD_SIGN.match(text, end):
            at = text.find(value, at + 1)
            continue
        yield text[begin:at]
        yield MASK
        begin, at = end, text.find(value, end)
    yield text[begin:]


def redact_text(text: str, known: Sequence[str] | None = None) -> str:
    """Free text (a URL, a form body, a log line) without tokens, keys, secrets, known values and ID-shaped
    numbers. `known`: which of the values at hand can be in it, where that was looked up; else all of them.
    """
    text = _without(text, _known() if known is None else known)
    # most texts are short and plain: a pattern is tried only where what it begins with is there
    if "eyJ" in text:
        text = _TOKEN.sub(MASK, text)
    if "-----BEGIN" in text:
        text = _PEM.sub(MASK, text)
    if "=" in text:
        text = _SECRET_PAIR.sub(rf"\1={MASK}", text)
    return _NATIONAL_ID.sub(MASK, text) if len(text) >= 10 else text


def redact(value: Any, known: Sequence[str] | None = None) -> Any:
    """A JSON value with private fields masked, at any depth and inside strings that hold JSON; `known` as in
    `redact_text`.
    """
    known = _known() if known is None else known
    if isinstance(value, str):
        return redact_text(value, known)
    if isinstance(value, dict):
        return {
            redact(key, known): MASK
            if is_private(str(key)) and item not in (None, "", [], {})
            else redact(item, known)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(item, known) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return value if redact_text(str(value), known) == str(value) else MASK
    return value


def _private_masked(value: Any) -> Any:
    """As `redact`, of a value whose texts and names hold nothing to be masked."""
    if isinstance(value, dict):
        return {
            key: MASK if is_private(key) and item not in (None, "", [], {}) else _private_masked(item)
            for key, item in value.items()
        }
    return [_private_masked(item) for item in value] if isinstance(value, list) else value


def _clean(text: str) -> str | None:
    """JSON without escapes, masked by its private fields alone; None where something else is to be masked."""
    if redact_text(text, ()) != text:
        return None
    return json.dumps(_private_masked(json.loads(text)), ensure_ascii=False)


_forms_clean = lru_cache(maxsize=4)(_clean)
"""A country's forms are told again and again, in one body of this many signs."""
_FORMS = range(50_000, 400_000)
_SHOWN = 4000
"""Signs of a body that are kept."""


def redact_body(body: bytes) -> str:
    """A message body as a journal may keep it: JSON masked by field, other text by pattern, then cut."""
    if not body:
        return ""
    text = body.decode("utf-8", errors="replace")
    # what stands in a string stands in the text, unless escapes hide it
    plain = "\\" not in text
    known = tuple(one for one in _known() if one in text) if plain else _known()
    try:
        clean = (_forms_clean if len(text) in _FORMS else _clean)(text) if plain and not known else None
        shown = clean or json.dumps(redact(json.loads(text), known), ensure_ascii=False)
    except ValueError:
        shown = redact_text(text)
    except RecursionError:
        shown = f"(too deeply nested to show, {len(body)} bytes)"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}… ({len(shown)} characters)"

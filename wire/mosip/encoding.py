"""base64 as MOSIP and its clients write it: either alphabet, padded or not, with line breaks or not. Pure."""

from __future__ import annotations

import base64
import binascii
import re

_ALPHABET = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")


def to_base64url(data: bytes, *, padded: bool = False) -> str:
    """base64url text; MOSIP leaves the padding out, the published clients often keep it."""
    text = base64.urlsafe_b64encode(data).decode("ascii")
    return text if padded else text.rstrip("=")


def to_base64(data: bytes) -> str:
    """Standard base64 with padding, one line."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Read either alphabet, with or without padding and line breaks; ValueError when it is neither.

    Python's own decoders skip what they do not know; a tampered text must not pass, so it is checked first.
    """
    compact = "".join(text.split())
    if not _ALPHABET.fullmatch(compact):
        raise ValueError("not base64: a character outside both alphabets")
    bare = compact.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error

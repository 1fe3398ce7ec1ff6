"""Sealing of a credential for a partner's certificate, and opening it with the partner's key. Pure.

Bytes of today's layout: `VER_R2` | SHA-256 of the certificate | RSA-OAEP session key | `#KEY_SPLITTER#` |
AAD 32 (its first 12 bytes are the nonce) | AES-256-GCM ciphertext | tag 16. Older keymanagers wrote
`thumbprint | key | splitter | ciphertext | tag16 | iv16`, and before that no thumbprint.
Source: contract mosip §5.6 (keymanager `CryptomanagerServiceImpl`, `CryptomanagerUtils`).

The session key and AAD come from the given chance; OAEP's own seed comes from OpenSSL, so two seals of the
same text differ even under one seed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wire.mosip import keys
from wire.mosip.encoding import from_base64, to_base64, to_base64url
from wire.world import Chance

Layout = Literal["VER_R2", "thumbprint", "bare"]
Alphabet = Literal["base64url", "base64"]
Thumbprint = Literal["match", "match_or_zero", "ignore"]

VERSION = b"VER_R2"
SPLITTER = b"#KEY_SPLITTER#"
_THUMBPRINT, _AAD, _NONCE, _IV, _TAG = 32, 32, 12, 16, 16
_ZERO = bytes(_THUMBPRINT)

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


_HELP = {
    "encoding": "the text is neither base64 nor base64url",
    "layout": "no key splitter where this key's size puts it; another key size, or not a sealed text",
    "truncated": "the text ends before its tag",
    "thumbprint": "sealed for another certificate; has the partner certificate been renewed?",
    "key": "this private key cannot unwrap the session key; was it sealed for another partner?",
    "tag": "the content was altered on its way",
}


class SealBroken(Exception):
    """A sealed text cannot be opened; `reason` is encoding, layout, truncated, thumbprint, key or tag."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}: {_HELP[reason]}")


@dataclass(frozen=True)
class SealedParts:
    """A sealed text taken apart; the bare layout has no `thumbprint`, the older two no `aad`."""

    layout: Layout
    thumbprint: bytes
    wrapped_key: bytes
    aad: bytes
    nonce: bytes
    ciphertext: bytes


def seal(
    plain: bytes,
    certificate: x509.Certificate,
    chance: Chance,
    *,
    layout: Layout = "VER_R2",
    alphabet: Alphabet = "base64url",
    thumbprint: bool = True,
) -> str:
    """Seal `plain` so that only the owner of the certificate's key can open it.

    `alphabet="base64"` with `thumbprint=False` (32 zero bytes) is what OpenCRVS's own mock of MOSIP sends.
    """
    session_key = chance.bytes(32)
    wrapped = keys.certificate_key(certificate).encrypt(session_key, OAEP)
    mark = keys.thumbprint(certificate) if thumbprint else _ZERO
    if layout == "VER_R2":
        aad = chance.bytes(_AAD)
        content = aad + AESGCM(session_key).encrypt(aad[:_NONCE], plain, aad)
        data = VERSION + mark + wrapped + SPLITTER + content
    else:
        iv = chance.bytes(_IV)
        content = AESGCM(session_key).encrypt(iv, plain, None) + iv
        data = (mark if layout == "thumbprint" else b"") + wrapped + SPLITTER + content
    return to_base64url(data) if alphabet == "base64url" else to_base64(data)


def unseal(
    text: str,
    private_key: RSAPrivateKey,
    certificate: x509.Certificate | None = None,
    *,
    thumbprint: Thumbprint = "match",
) -> bytes:
    """Open a sealed text of any of the three layouts, in either alphabet; SealBroken says why it cannot.

    With a `certificate` the thumbprint must be its own (`match`), may be all zero (`match_or_zero`, for
    OpenCRVS's mock), or is not looked at (`ignore`).
    """
    parts = take_apart(text, private_key.key_size // 8)
    if certificate is not None and not _thumbprint_fits(parts, certificate, thumbprint):
        raise SealBroken("thumbprint")
    try:
        session_key = private_key.decrypt(parts.wrapped_key, OAEP)
        cipher = AESGCM(session_key)
    except ValueError as error:
        raise SealBroken("key") from error
    try:
        return cipher.decrypt(parts.nonce, parts.ciphertext, parts.aad or None)
    except InvalidTag as error:
        raise SealBroken("tag") from error


def take_apart(text: str, key_bytes: int = 256) -> SealedParts:
    """Find the layout by the place of the splitter; `key_bytes` is the length of the RSA modulus."""
    try:
        data = from_base64(text)
    except ValueError as error:
        raise SealBroken("encoding") from error
    head = len(VERSION) + _THUMBPRINT
    if data.startswith(VERSION) and _split_at(data, head + key_bytes):
        body = data[head + key_bytes + len(SPLITTER) :]
        if len(body) < _AAD + _TAG:
            raise SealBroken("truncated")
        aad = body[:_AAD]
        return SealedParts(
            "VER_R2", data[len(VERSION) : head], data[head : head + key_bytes], aad, aad[:_NONCE], body[_AAD:]
        )
    for layout, start in (("thumbprint", _THUMBPRINT), ("bare", 0)):
        if _split_at(data, start + key_bytes):
            body = data[start + key_bytes + len(SPLITTER) :]
            if len(body) < _TAG + _IV:
                raise SealBroken("truncated")
            wrapped = data[start : start + key_bytes]
            older: Layout = "thumbprint" if layout == "thumbprint" else "bare"
            return SealedParts(older, data[:start], wrapped, b"", body[-_IV:], body[:-_IV])
    raise SealBroken("layout")


def _split_at(data: bytes, offset: int) -> bool:
    return data[offset : offset + len(SPLITTER)] == SPLITTER


def _thumbprint_fits(parts: SealedParts, certificate: x509.Certificate, rule: Thumbprint) -> bool:
    if rule == "ignore" or parts.layout == "bare":
        return True
    if rule == "match_or_zero" and parts.thumbprint == _ZERO:
        return True
    return hmac.compare_digest(parts.thumbprint, keys.thumbprint(certificate))

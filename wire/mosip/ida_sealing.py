"""The encrypted block of an ID authentication request, and of a KYC answer. Pure.

Source: contract mosip §6.3: AES-256-GCM with a 16-byte IV and no AAD, bytes `ciphertext | tag16 | iv16`; the
session key goes under RSA-OAEP (SHA-256); the "HMAC" is the upper-case hex SHA-256 of the exact plaintext,
encrypted in the same way.
"""

from __future__ import annotations

import hashlib
import hmac as constant_time
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wire.mosip import keys
from wire.mosip.encoding import from_base64, to_base64url
from wire.mosip.sealing import OAEP
from wire.world import Chance

_IV = 16
_TAG = 16


class BlockBroken(Exception):
    """A block cannot be opened or does not fit its hash. `code` is what IDA answers: IDA-MPA-003 or -016."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


@dataclass(frozen=True)
class SealedBlock:
    """The four texts of a request that belong together, base64url."""

    session_key: str
    request: str
    hmac: str
    thumbprint: str


def seal_block(plain: bytes, certificate: x509.Certificate, chance: Chance) -> SealedBlock:
    """Encrypt a block for IDA. The upstream mediator pads all but the session key."""
    session_key = chance.bytes(32)
    wrapped = keys.certificate_key(certificate).encrypt(session_key, OAEP)
    return SealedBlock(
        session_key=to_base64url(wrapped),
        request=_encrypt(session_key, plain, chance),
        hmac=_encrypt(session_key, block_hash(plain).encode("ascii"), chance),
        thumbprint=to_base64url(keys.thumbprint(certificate), padded=True),
    )


def open_block(
    *,
    session_key: str,
    request: str,
    hmac: str,
    thumbprint: str | None,
    private_key: RSAPrivateKey,
    certificate: x509.Certificate,
) -> bytes:
    """The plaintext of a block, its hash checked; BlockBroken otherwise.

    `thumbprint` may be hex or base64; None is not compared.
    """
    if thumbprint is not None and not thumbprint_fits(thumbprint, certificate):
        raise BlockBroken("IDA-MPA-003", "the thumbprint is that of another certificate")
    try:
        key = private_key.decrypt(from_base64(session_key), OAEP)
        plain = _decrypt(key, request)
        stated = _decrypt(key, hmac)
    except (ValueError, InvalidTag) as error:
        raise BlockBroken("IDA-MPA-003", "session key, request or hash cannot be decrypted") from error
    if not constant_time.compare_digest(stated, block_hash(plain).encode("ascii")):
        raise BlockBroken("IDA-MPA-016", "the hash is not that of the block")
    return plain


@dataclass(frozen=True)
class SealedIdentity:
    """What a KYC answer holds for the partner (§6.5), base64url."""

    session_key: str
    identity: str
    thumbprint: str


def seal_identity(plain: bytes, certificate: x509.Certificate, chance: Chance) -> SealedIdentity:
    """Encrypt a KYC identity for the partner's certificate."""
    session_key = chance.bytes(32)
    wrapped = keys.certificate_key(certificate).encrypt(session_key, OAEP)
    return SealedIdentity(
        session_key=to_base64url(wrapped),
        identity=_encrypt(session_key, plain, chance),
        thumbprint=to_base64url(keys.thumbprint(certificate)),
    )


def block_hash(plain: bytes) -> str:
    """Upper-case hex of SHA-256: what `requestHMAC` holds."""
    return hashlib.sha256(plain).hexdigest().upper()


def thumbprint_fits(text: str, certificate: x509.Certificate) -> bool:
    """Whether a thumbprint, hex first, then base64 of either alphabet, is the certificate's."""
    expected = keys.thumbprint(certificate)
    for read in (bytes.fromhex, from_base64):
        try:
            if constant_time.compare_digest(read(text), expected):
                return True
        except ValueError:
            continue
    return False


def _decrypt(session_key: bytes, text: str) -> bytes:
    """The plaintext of such a text; ValueError or InvalidTag when it does not open."""
    data = from_base64(text)
    if len(data) < _IV + _TAG:
        raise ValueError("too short to hold a tag and an IV")
    return AESGCM(session_key).decrypt(data[-_IV:], data[:-_IV], None)


def _encrypt(session_key: bytes, plain: bytes, chance: Chance) -> str:
    iv = chance.bytes(_IV)
    return to_base64url(AESGCM(session_key).encrypt(iv, plain, None) + iv, padded=True)

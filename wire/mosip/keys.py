"""Keys and certificates, parsed once: everything else in this package takes `cryptography` objects. Pure.

Sources: contract mosip §5.3 (kid), §5.6 (thumbprint), §11.3 (P12 files).
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    pkcs12,
)

from wire.mosip.encoding import to_base64url

_BLOCK = re.compile(rb"-----BEGIN [^\n-]+-----.*?-----END [^\n-]+-----", re.DOTALL)


class KeyUnusable(ValueError):
    """A key, certificate or P12 container cannot be read, or holds no RSA key."""


@lru_cache(maxsize=64)
def private_key(pem: bytes | str) -> RSAPrivateKey:
    """An RSA private key from unencrypted PEM; parsed once per text."""
    try:
        # whether its numbers are primes takes 40 ms to find out, and a key of one's own needs no proof
        key = load_pem_private_key(_bytes(pem), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the private key is no readable PEM: {error}") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyUnusable("the private key is not an RSA key")
    return key


@lru_cache(maxsize=64)
def public_key(pem: bytes | str) -> RSAPublicKey:
    """An RSA public key from PEM (`publicKeyPem` of a public-key.json; CR LF line ends are fine)."""
    try:
        key = load_pem_public_key(_bytes(pem))
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the public key is no readable PEM: {error}") from error
    if not isinstance(key, RSAPublicKey):
        raise KeyUnusable("the public key is not an RSA key")
    return key


@lru_cache(maxsize=16)
def public_keys(content: bytes) -> tuple[RSAPublicKey, ...]:
    """The RSA public keys of a text of PEM blocks; what cannot be read beside them is left out. KeyUnusable
    when there is none.
    """
    found: list[RSAPublicKey] = []
    for block in _BLOCK.findall(content):
        with suppress(KeyUnusable):
            found.append(public_key(block))
    return tuple(found) or (public_key(content),)


@lru_cache(maxsize=64)
def certificate(content: bytes | str) -> x509.Certificate:
    """A certificate from PEM or DER with an RSA public key; parsed once per content."""
    raw = _bytes(content)
    try:
        parsed = (
            x509.load_pem_x509_certificate(raw)
            if b"-----BEGIN" in raw
            else x509.load_der_x509_certificate(raw)
        )
        certificate_key(parsed)
    except KeyUnusable:
        raise
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the certificate is neither PEM nor DER: {error}") from error
    return parsed


@lru_cache(maxsize=16)
def certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM file, or the one of a DER file."""
    if content.count(b"-----BEGIN CERTIFICATE") < 2:
        return (certificate(content),)
    try:
        return tuple(x509.load_pem_x509_certificates(content))
    except ValueError as error:
        raise KeyUnusable(f"a certificate is no readable PEM: {error}") from error


@lru_cache(maxsize=64)
def certificate_key(parsed: x509.Certificate) -> RSAPublicKey:
    """The RSA public key inside a certificate."""
    key = parsed.public_key()
    if not isinstance(key, RSAPublicKey):
        raise KeyUnusable("the certificate holds no RSA key")
    return key


@lru_cache(maxsize=16)
def open_p12(content: bytes, password: str) -> tuple[RSAPrivateKey, x509.Certificate]:
    """Key and certificate of a P12 container (`DECRYPT_P12_FILE_PATH`, `SIGN_P12_FILE_PATH`)."""
    try:
        key, held, _ = pkcs12.load_key_and_certificates(content, password.encode())
    except (ValueError, TypeError) as error:
        raise KeyUnusable(f"the P12 container cannot be opened; is the password right? ({error})") from error
    if not isinstance(key, RSAPrivateKey) or held is None:
        raise KeyUnusable("the P12 container must hold one RSA private key and its certificate")
    return key, held


def public_pem(key: RSAPublicKey) -> str:
    """A public key as `-----BEGIN PUBLIC KEY-----` PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@lru_cache(maxsize=64)
def certificate_der(parsed: x509.Certificate) -> bytes:
    """The certificate's DER bytes."""
    return parsed.public_bytes(Encoding.DER)


def certificate_pem(parsed: x509.Certificate) -> str:
    """The certificate's PEM text, LF line ends."""
    return parsed.public_bytes(Encoding.PEM).decode("ascii")


@lru_cache(maxsize=64)
def thumbprint(parsed: x509.Certificate) -> bytes:
    """SHA-256 of the certificate's DER: 32 bytes."""
    return parsed.fingerprint(hashes.SHA256())


def key_id(unique_identifier_hex: str) -> str:
    """The `kid` of a keymanager key: base64url(SHA-256(hex-decoded unique identifier)), 43 characters.

    Contract mosip §5.4 step 4 (keymanager `SignatureUtil.convertHexToBase64`).
    """
    return to_base64url(hashlib.sha256(bytes.fromhex(unique_identifier_hex)).digest())


def certificate_key_id(parsed: x509.Certificate) -> str:
    """A steady `kid` for a key that has no keymanager identifier: made from the certificate's thumbprint."""
    return key_id(thumbprint(parsed).hex())


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content

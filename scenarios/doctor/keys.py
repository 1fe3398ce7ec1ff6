"""Keys and certificates: what the files hold, and what is wrong with it. Only `read` is an edge."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12

from bridge.expiring import running_out
from bridge.mosip import production_checks
from bridge.mosip.addresses import foreign
from scenarios.doctor.agreement import alias
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.names import ProgramKind
from scenarios.doctor.sources import ProcessEnvironment
from scenarios.doctor.values import Configuration
from wire.keyfolder import is_for_tests
from wire.mosip.keys import thumbprint

_P12 = {"p12_path": "p12_password", "sign_p12_path": "sign_p12_password"}
_PEM = ("ida_certificate", "ida_sign_certificate")
_SHORTEST = 2048
_EXAMPLE = bytes.fromhex("8af42e1ef4aa0df8627605bc2437361e18a4294a3ce106bf891e0a86f37ec5f3")
"""SHA-256 of the certificate that the mediator is published with, for all roles (contract mosip §11.3)."""


@dataclass(frozen=True)
class Held:
    """What one file gave: its certificates, the leaf first, and the public half of its private key."""

    variable: str
    path: Path
    certificates: tuple[x509.Certificate, ...] = ()
    public: Any = None
    mode: int = 0


def read(reading: Configuration, source: ProcessEnvironment) -> tuple[list[Held], list[Finding], list[str]]:
    """The files of the settings; findings about those that cannot be read; what lies where we cannot look."""
    held, found, unseen = list[Held](), list[Finding](), list[str]()
    for name in (*_P12, *_PEM, "oidp_key", "ca_file"):
        path, variable = getattr(reading.settings, name), alias(name)
        if path is None or variable not in reading.values or variable in reading.broken:
            continue
        if name == "oidp_key" and not path.exists() and len(str(path)) > 200:
            found += _oidp(str(path).encode(), f"{variable} in {source.name}")
            continue
        here = source.here(path)
        if here is None:
            unseen.append(f"{variable}: {path} is inside the container")
            continue
        where = f"{variable} in {source.name}"
        try:
            content, mode = here.read_bytes(), here.stat().st_mode
        except OSError as error:
            kind = "FILE-MISSING" if isinstance(error, FileNotFoundError) else "FILE-UNREADABLE"
            found.append(finding(kind, where, f"{path}: {error.strerror}"))
            continue
        if not content.strip():
            found.append(finding("FILE-EMPTY", where, str(path)))
            continue
        if name in _P12:
            one, wrong = _p12(content, variable, here, reading, _P12[name], where)
        elif name == "oidp_key":
            one, wrong = None, list(_oidp(content, where))
        else:
            one, wrong = _pem(content, variable, here, where)
        found += wrong
        if one is not None:
            held.append(replace(one, mode=mode))
        if name in (*_P12, "oidp_key") and mode & stat.S_IROTH and os.name == "posix":
            found.append(finding("FILE-OPEN-TO-ALL", where, f"{path}: mode {stat.S_IMODE(mode):o}"))
    return held, found, unseen


def _p12(
    content: bytes, variable: str, path: Path, reading: Configuration, password: str, where: str
) -> tuple[Held | None, list[Finding]]:
    if b"-----BEGIN" in content:
        return None, [finding("P12-NOT-P12", where, "it is PEM")]
    if content.lstrip()[:1] != b"\x30":
        return None, [finding("P12-NOT-P12", where)]
    secret = getattr(reading.settings, password).get_secret_value()
    if alias(password) in reading.broken:
        return None, []
    try:
        loaded = pkcs12.load_pkcs12(content, secret.encode())
    except ValueError:
        return None, [finding("P12-PASSWORD", f"{alias(password)}, {where}")]
    key, leaf = loaded.key, loaded.cert.certificate if loaded.cert else None
    others = tuple(each.certificate for each in loaded.additional_certs)
    if key is None:
        return None, [finding("P12-WITHOUT-KEY", where)]
    public = key.public_key()
    if leaf is None and not others:
        return None, [finding("P12-WITHOUT-CERTIFICATE", where)]
    if not isinstance(public, RSAPublicKey):
        return None, [finding("KEY-NOT-RSA", where)]
    every = tuple(each for each in (leaf, *others) if each is not None)
    return Held(variable, path, every, public), []


def _pem(content: bytes, variable: str, path: Path, where: str) -> tuple[Held | None, list[Finding]]:
    if b"PRIVATE KEY-----" in content:
        return None, [finding("CERTIFICATE-IS-KEY", where)]
    try:
        many = (
            tuple(x509.load_pem_x509_certificates(content))
            if b"-----BEGIN CERT" in content
            else (x509.load_der_x509_certificate(content),)
        )
    except ValueError:
        html = content.lstrip()[:1] == b"<"
        return None, [finding("CERTIFICATE-UNREADABLE", where, "it is an HTML page" if html else "")]
    if variable != "SSL_CERT_FILE" and not isinstance(many[0].public_key(), RSAPublicKey):
        return None, [finding("KEY-NOT-RSA", where)]
    return Held(variable, path, many), []


def _oidp(content: bytes, where: str) -> Iterator[Finding]:
    if b"-----BEGIN" in content:
        try:
            load_pem_private_key(content, None)
        except (ValueError, TypeError):
            yield finding("JWK-UNREADABLE", where, "it is PEM, and holds no private key")
        return
    if content.lstrip()[:1] == b"{":
        yield finding("JWK-NOT-BASE64", where)
        return
    try:
        jwk = json.loads(base64.b64decode(content))
    except (ValueError, RecursionError):
        yield finding("JWK-UNREADABLE", where)
        return
    if not isinstance(jwk, dict) or jwk.get("kty") != "RSA":
        yield finding("KEY-NOT-RSA", where)
    elif "d" not in jwk:
        yield finding("JWK-PUBLIC", where)


def judged(
    held: list[Held], reading: Configuration, source: ProcessEnvironment, program: ProgramKind, now: datetime
) -> Iterator[Finding]:
    """What the files tell by themselves and beside each other."""
    by = {one.variable: one for one in held}
    for one in held:
        where = f"{one.variable} in {source.name}"
        leaf = one.certificates[0]
        own = [
            each for each in one.certificates if one.public is not None and _public(each) == _spki(one.public)
        ]
        if one.public is not None and not own:
            yield finding("KEY-NOT-OF-CERTIFICATE", where)
        elif one.public is not None:
            leaf = own[0]
            if program is ProgramKind.MEDIATOR and one.certificates[-1] != leaf:
                yield finding("P12-ORDER", where)
        if one.variable == "SSL_CERT_FILE":
            continue
        if now < leaf.not_valid_before_utc:
            yield finding("CERTIFICATE-NOT-YET", where, f"from {leaf.not_valid_before_utc:%Y-%m-%d}")
        for end in running_out({one.variable: leaf.not_valid_after_utc}, now):
            kind = "CERTIFICATE-EXPIRED" if end.over else "CERTIFICATE-ENDS-SOON"
            yield finding(kind, where, f"until {end.until:%Y-%m-%d}")
        key = leaf.public_key()
        if isinstance(key, RSAPublicKey) and key.key_size < _SHORTEST:
            yield finding("KEY-SHORT", where, f"{key.key_size} bits")
    yield from _roles(by, source)
    yield from _tests(held, reading, source, program)


def _roles(by: Mapping[str, Held], source: ProcessEnvironment) -> Iterator[Finding]:
    sealing, signing = by.get("ENCRYPT_CERT_PATH"), by.get("IDA_SIGN_CERT_PATH")
    partner, client = by.get("DECRYPT_P12_FILE_PATH"), by.get("SIGN_P12_FILE_PATH")
    if (
        sealing
        and signing
        and _role(sealing) is None
        and _public(sealing.certificates[0]) == _public(signing.certificates[0])
    ):
        yield finding("CERTIFICATES-CONFUSED", f"ENCRYPT_CERT_PATH, IDA_SIGN_CERT_PATH in {source.name}")
    confused = [one for one, meant in ((sealing, "ida-partner"), (signing, "ida-sign")) if _other(one, meant)]
    if confused:
        where = ", ".join(one.variable for one in confused if one)
        yield finding("CERTIFICATES-CONFUSED", f"{where} in {source.name}")
    role = _role(partner)
    if partner is not None and role is not None and role not in ("partner", "partner-next"):
        both = _role(client) == "partner"
        where = f"{partner.variable}, SIGN_P12_FILE_PATH" if both else partner.variable
        yield finding("CERTIFICATE-NOT-PARTNERS", f"{where} in {source.name}", f"it is {role}'s")
    for p12 in (partner, client):
        if p12 is None or p12.public is None:
            continue
        for other in (sealing, signing):
            same = other and any(_public(each) == _spki(p12.public) for each in other.certificates)
            if other and same and not _published(other):
                yield finding("CERTIFICATE-OURS", f"{other.variable}, {p12.variable} in {source.name}")


def partners(reading: Configuration) -> Path | None:
    """In a rehearsal the mock seals for the certificate in the folder of test keys, when that is named."""
    folder = reading.settings.keys
    path = folder / "partner.cert.pem"
    here = not foreign(reading.settings.mosip_auth_url) and alias("keys") in reading.values
    return path if here and path.is_file() else None


def of_partner(
    held: list[Held], sent: tuple[x509.Certificate, ...], source: ProcessEnvironment
) -> Iterator[Finding]:
    """Beside the certificate that MOSIP has of the partner (`--partner-certificate`)."""
    for one in held:
        mine = one.variable == "DECRYPT_P12_FILE_PATH" and one.public is not None
        if (
            mine
            and _role(one) in (None, "partner")
            and all(_public(each) != _spki(one.public) for each in sent)
        ):
            yield finding("CERTIFICATE-NOT-PARTNERS", f"{one.variable} in {source.name}")


def _tests(
    held: list[Held], reading: Configuration, source: ProcessEnvironment, program: ProgramKind
) -> Iterator[Finding]:
    mine = [one.variable for one in held if any(map(is_for_tests, one.certificates)) or _published(one)]
    if program is ProgramKind.BRIDGE and source.whole:
        mine += [
            name
            for name in production_checks.borrowed_keys(reading.settings)
            if name not in (*mine, *reading.broken)
        ]
    if met := production_checks.met(reading.settings, mine):
        yield finding("KEY-FOR-TESTS", f"{', '.join(met)} in {source.name}")


def _role(one: Held | None) -> str | None:
    """What a test key of the kit was made for."""
    if one is None or not is_for_tests(one.certificates[0]):
        return None
    return (
        one.certificates[0].subject.rfc4514_string().partition("CN=rehearsal ")[2].partition(",")[0] or None
    )


def _other(one: Held | None, meant: str) -> bool:
    """Whether it was made for the other of the two roles at ID authentication."""
    return _role(one) in {"ida-partner", "ida-sign"} - {meant}


def _published(one: Held) -> bool:
    return any(thumbprint(each) == _EXAMPLE for each in one.certificates)


def _public(certificate: x509.Certificate) -> bytes:
    return _spki(certificate.public_key())


def _spki(key: Any) -> bytes:
    found: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return found

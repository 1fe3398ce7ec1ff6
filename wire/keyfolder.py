"""The folder of test keys that the parts need of each other: made once, or filled by hand.

An edge in an otherwise pure package: mocks and bridge both need it, and may import only `wire`.
Keys made here are for rehearsal. To use your own, put files of the same names into the folder before the
first start, or give paths in the settings of each server.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from wire.entry import CannotBegin
from wire.mosip import keys

DEFAULT_FOLDER = Path(".rehearsal/keys")
P12_PASSWORD = "mosip123"
_ORGANISATION = "TEST ONLY"

_PAIRS = {
    "opencrvs-auth": "signs OpenCRVS tokens (auth service)",
    "credential-issuer": "signs verifiable credentials (MOSIP credential service)",
    "partner": "the CRVS partner: credentials are sealed for its certificate",
    "credential-issuer-next": "what the issuer changes its key to",
    "partner-next": "what the partner renews its certificate to",
    "ida-partner": "ID authentication: session keys are wrapped for its certificate",
    "ida-sign": "ID authentication: signs its answers",
    "ida-client": "the CRVS partner's request signature at ID authentication",
    "esignet": "signs eSignet tokens and userinfo",
    "oidp-client": "the relying party's private_key_jwt at eSignet",
    "mosip-iam": "signs auth manager tokens",
}


@dataclass(frozen=True)
class KeyPair:
    """A private key with its self-signed certificate, parsed from the folder's PEM files.

    `key_path`, `certificate_path` are PEM; `p12_path` holds both under `P12_PASSWORD`.
    """

    name: str
    folder: Path

    @property
    def key_path(self) -> Path:
        return self.folder / f"{self.name}.key.pem"

    @property
    def certificate_path(self) -> Path:
        return self.folder / f"{self.name}.cert.pem"

    @property
    def p12_path(self) -> Path:
        return self.folder / f"{self.name}.p12"

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        return keys.private_key(self.key_path.read_bytes())

    @cached_property
    def certificate(self) -> x509.Certificate:
        return keys.certificate(self.certificate_path.read_bytes())


class KeyFolder:
    """All test keys of a rehearsal, by name (`opencrvs-auth`, `credential-issuer`, `partner`, …)."""

    def __init__(self, path: Path | str = DEFAULT_FOLDER) -> None:
        self.path = Path(path)
        self._pairs: dict[str, KeyPair] = {}

    def ensure(self, setting: str = "REHEARSAL_KEYS") -> KeyFolder:
        """Make what is missing, readable by the owner only; safe when several servers start at once.

        CannotBegin tells to change `setting`, by which the folder was chosen.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked():
                for name in _PAIRS:
                    if _is_empty(self._pair(name).key_path):
                        self._make(name)
        except OSError as error:
            raise CannotBegin(
                f"the folder of test keys, {self.path}, cannot be used ({error.strerror}): name one that you "
                f"may write to with {setting}"
            ) from None
        return self

    def text(self, name: str, make: Callable[[], str]) -> str:
        """The text of a file that is made once; an empty one, which a crash left, is made anew."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.path / name
        with self._locked():
            if _is_empty(path):
                _write(path, make().encode() + b"\n")
        return path.read_text().strip()

    def __getitem__(self, name: str) -> KeyPair:
        if name not in _PAIRS:
            raise KeyError(f"no key pair is called {name!r}; there are: {', '.join(_PAIRS)}")
        return self._pair(name)

    def _pair(self, name: str) -> KeyPair:
        return self._pairs.setdefault(name, KeyPair(name, self.path))

    def _make(self, name: str) -> None:
        pair = self._pair(name)
        key = generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self_signed(key, f"rehearsal {name}")
        p12 = pkcs12.serialize_key_and_certificates(
            name.encode(), key, certificate, None, BestAvailableEncryption(P12_PASSWORD.encode())
        )
        _write(pair.p12_path, p12)
        _write(pair.certificate_path, certificate.public_bytes(Encoding.PEM))
        # the key last: its presence says that the pair is whole
        _write(pair.key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def self_signed(key: RSAPrivateKey, common_name: str) -> x509.Certificate:
    """A self-signed test certificate. Its years are wide so that it is valid on any virtual clock."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 12, 31, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )


def is_for_tests(certificate: x509.Certificate) -> bool:
    """Whether a certificate was made here, wherever it was copied to."""
    named = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return any(each.value == _ORGANISATION for each in named)


def _is_empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, whenever the process ends; readable by the owner only."""
    beside = path.with_name(f".{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.chmod(0o600)
    beside.replace(path)

"""The keys and certificates that the bridge shows and trusts at MOSIP, and how long they hold.

Contract mosip §6.4 (requests), §15 row 1 (answers are signed under another key than requests are sealed for).
"""

from __future__ import annotations

import base64
import json
from functools import cached_property
from pathlib import Path

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import SecretStr

from bridge.settings import Settings
from bridge.starting import key_folder, needs
from wire.jwts import UNREADABLE
from wire.keyfolder import KeyFolder
from wire.mosip.keys import certificate, certificates, open_p12, private_key


class Keys:
    """Each is read once, when it is first asked for. CannotStart when it cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def certificates(self) -> dict[str, tuple[x509.Certificate, ...]]:
        """By the setting that gives each."""
        return {
            "DECRYPT_P12_FILE_PATH": (self.partner[1],),
            "SIGN_P12_FILE_PATH": (self.signing[1],),
            "ENCRYPT_CERT_PATH": (self.sealing,),
            "IDA_SIGN_CERT_PATH": self.ida_signers,
        }

    @cached_property
    def partner(self) -> tuple[RSAPrivateKey, x509.Certificate]:
        """What credentials are sealed for: the P12 of the settings, or the key folder's `partner`."""
        settings = self._settings
        return self._p12("DECRYPT_P12_FILE", settings.p12_path, settings.p12_password, "partner")

    @cached_property
    def signing(self) -> tuple[RSAPrivateKey, x509.Certificate]:
        """What signs requests to ID authentication: the P12 of the settings, or the folder's."""
        settings = self._settings
        return self._p12("SIGN_P12_FILE", settings.sign_p12_path, settings.sign_p12_password, "ida-client")

    def _p12(
        self, name: str, path: Path | None, password: SecretStr, otherwise: str
    ) -> tuple[RSAPrivateKey, x509.Certificate]:
        if path is not None:
            with needs(f"{name}_PATH", f"give a P12 file with its key and certificate, and {name}_PASSWORD"):
                return open_p12(path.read_bytes(), password.get_secret_value())
        pair = self._folder[otherwise]
        return pair.private_key, pair.certificate

    @cached_property
    def sealing(self) -> x509.Certificate:
        """What requests to ID authentication are sealed for."""
        if (given := self._settings.ida_certificate) is not None:
            with needs("ENCRYPT_CERT_PATH", "give ID authentication's certificate as PEM"):
                return certificate(given.read_bytes())
        return self._folder["ida-partner"].certificate

    @cached_property
    def ida_signers(self) -> tuple[x509.Certificate, ...]:
        """Under which certificates ID authentication's answers are believed: its own, or roots above it.

        None at a real one whose certificate nobody gave.
        """
        if (given := self._settings.ida_sign_certificate) is not None:
            with needs(
                "IDA_SIGN_CERT_PATH", "give ID authentication's signing certificate, or its root, as PEM"
            ):
                return certificates(given.read_bytes())
        if self._settings.ida_certificate is not None:
            return ()
        return (self._folder["ida-sign"].certificate,)

    @cached_property
    def client(self) -> RSAPrivateKey:
        """OIDP_CLIENT_PRIVATE_KEY_PATH: a PEM file, or base64 of a JWK (or a file of it); else the key
        folder's.
        """
        given: Path | None = self._settings.oidp_key
        if given is None:
            return self._folder["oidp-client"].private_key
        with needs("OIDP_CLIENT_PRIVATE_KEY_PATH", "give an RSA private key: a PEM file, or base64 of a JWK"):
            content = given.read_bytes() if given.exists() else str(given).encode()
            return private_key(content) if b"-----BEGIN" in content else _from_jwk(content)

    @cached_property
    def _folder(self) -> KeyFolder:
        return key_folder(self._settings)


def _from_jwk(content: bytes) -> RSAPrivateKey:
    try:
        key = jwt.PyJWK(json.loads(base64.b64decode(content)), algorithm="RS256").key
    except (TypeError, AttributeError, *UNREADABLE):
        # what these say may hold a piece of the key
        raise ValueError("it is neither a file that is there nor base64 of a JWK") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("it is no RSA private key")
    return key

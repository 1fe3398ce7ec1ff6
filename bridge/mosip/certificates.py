"""The keys and certificates that the bridge shows and trusts at MOSIP, and how long they hold.

Contract mosip §6.4 (requests), §15 row 1 (answers are signed under another key than requests are sealed for).
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import SecretStr

from bridge.settings import Settings
from bridge.starting import key_folder, needs
from wire.mosip.keys import certificate, certificates, open_p12


def certificates_in_use(settings: Settings) -> dict[str, tuple[x509.Certificate, ...]]:
    """By the setting that gives each. CannotStart when one cannot be read."""
    return {
        "DECRYPT_P12_FILE_PATH": (partner_key(settings)[1],),
        "SIGN_P12_FILE_PATH": (signing_key(settings)[1],),
        "ENCRYPT_CERT_PATH": (sealing_certificate(settings),),
        "IDA_SIGN_CERT_PATH": ida_signers(settings),
    }


def partner_key(settings: Settings) -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key that credentials are sealed for: the P12 of the settings, or the key folder's `partner`."""
    return _p12(settings, "DECRYPT_P12_FILE", settings.p12_path, settings.p12_password, "partner")


def signing_key(settings: Settings) -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key that signs requests to ID authentication: the P12 of the settings, or the folder's."""
    return _p12(settings, "SIGN_P12_FILE", settings.sign_p12_path, settings.sign_p12_password, "ida-client")


def _p12(
    settings: Settings, name: str, path: Path | None, password: SecretStr, otherwise: str
) -> tuple[RSAPrivateKey, x509.Certificate]:
    if path is not None:
        with needs(f"{name}_PATH", f"give a P12 file with its key and certificate, and {name}_PASSWORD"):
            return open_p12(path.read_bytes(), password.get_secret_value())
    pair = key_folder(settings)[otherwise]
    return pair.private_key, pair.certificate


def sealing_certificate(settings: Settings) -> x509.Certificate:
    """What requests to ID authentication are sealed for."""
    if settings.ida_certificate is not None:
        with needs("ENCRYPT_CERT_PATH", "give ID authentication's certificate as PEM"):
            return certificate(settings.ida_certificate.read_bytes())
    return key_folder(settings)["ida-partner"].certificate


def ida_signers(settings: Settings) -> tuple[x509.Certificate, ...]:
    """Under which certificates ID authentication's answers are believed: its own, or roots above it.

    None at a real one whose certificate nobody gave.
    """
    if settings.ida_sign_certificate is not None:
        with needs("IDA_SIGN_CERT_PATH", "give ID authentication's signing certificate, or its root, as PEM"):
            return certificates(settings.ida_sign_certificate.read_bytes())
    if settings.ida_certificate is not None:
        return ()
    return (key_folder(settings)["ida-sign"].certificate,)

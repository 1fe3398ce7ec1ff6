"""The keys and certificates that the bridge shows and trusts at MOSIP, and how long they hold.

Contract mosip §6.4 (requests), §15 row 1 (answers are signed under another key than requests are sealed for).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bridge.settings import Settings
from bridge.starting import key_folder, needs
from wire.mosip.keys import certificate, certificates, open_p12


class Certificates:
    """Those in use, by the setting that gives each. CannotStart when one cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self.held: Mapping[str, tuple[x509.Certificate, ...]] = {
            "DECRYPT_P12_FILE_PATH": (partner_key(settings)[1],),
            "SIGN_P12_FILE_PATH": (signing_key(settings)[1],),
            "ENCRYPT_CERT_PATH": (sealing_certificate(settings),),
            "IDA_SIGN_CERT_PATH": ida_signers(settings),
        }

    def ends(self) -> dict[str, datetime]:
        """When each runs out; of several the first."""
        return {
            setting: min(each.not_valid_after_utc for each in several)
            for setting, several in self.held.items()
            if several
        }


def partner_key(settings: Settings) -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key that credentials are sealed for: the P12 of the settings, or the key folder's `partner`."""
    if settings.p12_path is not None:
        with needs("DECRYPT_P12_FILE_PATH", "give the partner's P12 file, and DECRYPT_P12_FILE_PASSWORD"):
            return open_p12(settings.p12_path.read_bytes(), settings.p12_password.get_secret_value())
    pair = key_folder(settings)["partner"]
    return pair.private_key, pair.certificate


def signing_key(settings: Settings) -> tuple[RSAPrivateKey, x509.Certificate]:
    """The key that signs requests to ID authentication: the P12 of the settings, or the folder's."""
    if settings.sign_p12_path is not None:
        password = settings.sign_p12_password.get_secret_value()
        with needs("SIGN_P12_FILE_PATH", "give the P12 file that signs, and SIGN_P12_FILE_PASSWORD"):
            return open_p12(settings.sign_p12_path.read_bytes(), password)
    own = key_folder(settings)["ida-client"]
    return own.private_key, own.certificate


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

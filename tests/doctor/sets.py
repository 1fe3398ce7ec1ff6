"""Set-ups that are right, and the files that the seeds of faults need."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.scenarios.processes import program
from wire.keyfolder import P12_PASSWORD, KeyFolder

PROCESS = "/registrationprocessor/v1/workflowmanager/workflowinstance"
CLIENT = "2f6c1a34-0d5e-4b7a-8c19-0a1b2c3d4e02"
NOW = datetime.fromisoformat("2026-06-01T12:00:00+00:00")


@dataclass(frozen=True)
class Mocks:
    """Where the mocks listen; OpenCRVS by profile."""

    nid: str
    esignet: str
    opencrvs: dict[str, tuple[str, str]]
    keys: KeyFolder
    folder: Path

    def bridge(self, profile: str = "2.0") -> dict[str, str]:
        """Our bridge's environment."""
        gateway, auth = self.opencrvs[profile]
        return {
            "REHEARSAL_KEYS": str(self.keys.path),
            "PORT": "0",
            "BRIDGE_TRIGGER_PORT": "0",
            "BRIDGE_TIME_ZONE": "Africa/Lusaka",
            "OPENCRVS_PROFILE": profile,
            "OPENCRVS_GATEWAY_URL": gateway,
            "OPENCRVS_AUTH_URL": auth,
            "OPENCRVS_PUBLIC_KEY_URL": f"{auth}/.well-known",
            "OPENCRVS_CLIENT_ID": CLIENT,
            "OPENCRVS_CLIENT_SECRET": "mosip-rehearsal-secret",
            "MOSIP_URL": self.nid,
            "ESIGNET_URL": self.esignet,
        }

    def mediator(self) -> dict[str, str]:
        """The mediator's, with a key for each role."""
        gateway, auth = self.opencrvs["1.9"]
        jwk = self.folder / "esignet-jwk.txt"
        if not jwk.exists():
            text = jwt.algorithms.RSAAlgorithm.to_jwk(self.keys["oidp-client"].private_key)
            jwk.write_bytes(base64.b64encode(text.encode()))
            jwk.chmod(0o600)
        return {
            "PORT": "0",
            "HOST": "127.0.0.1",
            "LOCALE": "en",
            "SQLITE_DATABASE_PATH": str(self.folder / "mosip-api.db"),
            "CLIENT_APP_URL": "http://localhost:3000",
            "OPENCRVS_GATEWAY_URL": gateway,
            "OPENCRVS_PUBLIC_KEY_URL": f"{auth}/.well-known",
            "MOSIP_AUTH_URL": f"{self.nid}/v1/authmanager/authenticate/clientidsecretkey",
            "MOSIP_AUTH_CLIENT_APP_ID": "admin",
            "MOSIP_PACKET_AUTH_CLIENT_ID": "mosip-regproc-client",
            "MOSIP_PACKET_AUTH_CLIENT_SECRET": "abcdeABCDE123456",
            "MOSIP_WEBSUB_HUB_URL": f"{self.nid}/websub/hub",
            "MOSIP_WEBSUB_SECRET": "mosip-websub-secret",
            "MOSIP_WEBSUB_TOPIC": "crvs-partner/CREDENTIAL_ISSUED",
            "MOSIP_WEBSUB_CALLBACK_URL": "http://127.0.0.1:2024/websub/callback",
            "MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": f"{self.nid}/.well-known/public-key.json",
            "MOSIP_WEBSUB_AUTH_CLIENT_ID": "crvs-partner",
            "MOSIP_WEBSUB_AUTH_CLIENT_SECRET": "abcdeABCDE123456",
            "TRANSACTION_ID_PREFIX": "10001",
            "MOSIP_BIRTH_WEBHOOK_URL": f"{self.nid}/webhooks/opencrvs/birth",
            "MOSIP_DEATH_WEBHOOK_URL": f"{self.nid}/webhooks/opencrvs/death",
            "ESIGNET_USERINFO_URL": f"{self.esignet}/oidc/userinfo",
            "ESIGNET_TOKEN_URL": f"{self.esignet}/oauth/token",
            "OPENID_PROVIDER_CLAIMS": "name,birthdate",
            "OIDP_CLIENT_PRIVATE_KEY_PATH": str(jwk),
            "PARTNER_APIKEY": "123456",
            "PARTNER_MISP_LK": "MISP-LK-EXAMPLE",
            "PARTNER_ID": "crvs-partner",
            "IDA_AUTH_DOMAIN_URI": self.nid,
            "IDA_AUTH_URL": f"{self.nid}/idauthentication/v1/auth",
            "ENCRYPT_CERT_PATH": str(self.keys["ida-partner"].certificate_path),
            "DECRYPT_P12_FILE_PATH": str(self.keys["partner"].p12_path),
            "DECRYPT_P12_FILE_PASSWORD": P12_PASSWORD,
            "SIGN_P12_FILE_PATH": str(self.keys["ida-client"].p12_path),
            "SIGN_P12_FILE_PASSWORD": P12_PASSWORD,
            "MOSIP_CREATE_PACKET_URL": f"{self.nid}/commons/v1/packetmanager/createPacket",
            "MOSIP_PROCESS_PACKET_URL": f"{self.nid}{PROCESS}",
            "MOSIP_CENTER_ID": "10001",
            "MOSIP_MACHINE_ID": "10004",
        }


@contextmanager
def mocks(keys: KeyFolder, folder: Path) -> Iterator[Mocks]:
    """Our mocks, each a process of its own: OpenCRVS once a profile."""
    with ExitStack() as running:
        nid = running.enter_context(
            program("mock_nid", MOCK_NID_PORT=0, MOCK_NID_ESIGNET_PORT=0, MOCK_NID_KEYS=keys.path)
        )
        opencrvs = {}
        for profile in ("1.9", "2.0", "2.1"):
            gateway, auth = running.enter_context(opencrvs_of(keys, profile))[:2]
            opencrvs[profile] = gateway, auth
        yield Mocks(nid[0], nid[2], opencrvs, keys, folder)


def opencrvs_of(keys: KeyFolder, profile: str, **more: Any) -> Any:
    return program(
        "mock_opencrvs",
        MOCK_OPENCRVS_PROFILE=profile,
        MOCK_OPENCRVS_GATEWAY_PORT=0,
        MOCK_OPENCRVS_AUTH_PORT=0,
        MOCK_OPENCRVS_KEYS=keys.path,
        **more,
    )


def certificate(
    key: Any, *, before: datetime | None = None, after: datetime | None = None, signer: Any = None
) -> x509.Certificate:
    """A certificate of a country's own: no test key of the kit."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Country X CRVS")])
    now = datetime.now(NOW.tzinfo)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(before or now - timedelta(days=30))
        .not_valid_after(after or now + timedelta(days=300))
        .sign(signer or key, hashes.SHA256())
    )


def p12(path: Path, key: Any, held: x509.Certificate | None, *more: x509.Certificate) -> Path:
    """A container under the usual password."""
    content = pkcs12.serialize_key_and_certificates(
        b"partner", key, held, list(more) or None, BestAvailableEncryption(P12_PASSWORD.encode())
    )
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def pem(path: Path, what: Any) -> Path:
    """A certificate, or a private key, as PEM."""
    if isinstance(what, x509.Certificate):
        path.write_bytes(what.public_bytes(Encoding.PEM))
    else:
        path.write_bytes(what.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


def rsa(bits: int = 2048) -> Any:
    return generate_private_key(public_exponent=65537, key_size=bits)


def elliptic() -> Any:
    return ec.generate_private_key(ec.SECP256R1())

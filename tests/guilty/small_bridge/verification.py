"""ID authentication: whether a parent is who the form says (contract mosip §6)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from .opencrvs import NotNow
from .packet import full_name
from .settings import NID, P12, seeded

_KEYS = Path(P12).parent
_URL = f"{NID}/idauthentication/v1/auth/MISP-LK-EXAMPLE/crvs-partner/123456"
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_ENDED = "IDA-MLC-022"
_NO = ("IDA-MLC-002", "IDA-MLC-004", "IDA-MLC-018", "IDA-DEA-001", _ENDED)


def people(told: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The parents who have a number: what is asked about each."""
    return {
        who: {"nid": told[f"{who}.nid"], "name": full_name(told[f"{who}.name"]), "dob": told[f"{who}.dob"]}
        for who in ("mother", "father")
        if told.get(f"{who}.nid")
    }


async def verdict(http: aiohttp.ClientSession, person: dict[str, str]) -> str:
    """`verified`, or an error code about the person; NotNow without a verdict."""
    body = json.dumps(_request(person)).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Authorization",
        "signature": _signature(body),
    }
    async with http.post(_URL, data=body, headers=headers) as answer:
        if answer.status != 200:
            raise NotNow(f"ID authentication: {answer.status}")
        said = json.loads(await answer.read())
    if (said.get("response") or {}).get("authStatus"):
        return "verified"
    codes = [one["errorCode"] for one in said.get("errors") or []]
    if not codes or not set(codes) <= set(_NO):
        raise NotNow(f"ID authentication: {codes}")
    return "verified" if codes == [_ENDED] and not seeded("deactivated_taken_for_unknown") else codes[0]


def _request(person: dict[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    named = [{"language": "eng", "value": person["name"]}]
    asked = {"name": named, "dob": person["dob"].replace("-", "/")}
    plain = json.dumps({"timestamp": now, "demographics": asked}).encode()
    certificate, session = _certificate("ida-partner"), secrets.token_bytes(32)
    wrapped = certificate.public_key().encrypt(session, _OAEP)  # type: ignore[union-attr]
    return {
        "id": "mosip.identity.auth",
        "version": "1.0",
        "individualId": person["nid"],
        "individualIdType": "VID" if len(person["nid"]) == 16 else "UIN",
        "transactionID": "".join(secrets.choice("0123456789") for _ in range(10)),
        "requestTime": now,
        "specVersion": "1.0",
        "thumbprint": _url64(certificate.fingerprint(hashes.SHA256())),
        "domainUri": "https://mosip.example",
        "env": "Staging",
        "requestedAuth": {"demo": True, "pin": False, "otp": False, "bio": False},
        "consentObtained": True,
        "request": _sealed(session, plain),
        "requestSessionKey": _url64(wrapped),
        "requestHMAC": _sealed(session, hashlib.sha256(plain).hexdigest().upper().encode()),
    }


def _sealed(session: bytes, plain: bytes) -> str:
    start = secrets.token_bytes(16)
    return _url64(AESGCM(session).encrypt(start, plain, None) + start)


def _signature(body: bytes) -> str:
    pem = _certificate("ida-client").public_bytes(Encoding.DER)
    head = _url64(json.dumps({"alg": "RS256", "x5c": [base64.b64encode(pem).decode()]}).encode()).rstrip("=")
    key: Any = load_pem_private_key((_KEYS / "ida-client.key.pem").read_bytes(), None)
    signed = key.sign(f"{head}.{_url64(body).rstrip('=')}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}..{_url64(signed).rstrip('=')}"


def _certificate(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((_KEYS / f"{name}.cert.pem").read_bytes())


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()

"""The documents under `/.well-known` by which a credential's proof is checked. Pure.

Source: contract mosip §5.3 (mosip-config `controller.json`, `public-key.json`, `mosip-context.json`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from wire.mosip import keys
from wire.mosip.fields import FieldBroken, mapping, text

PUBLIC_KEY_PATH = "/.well-known/public-key.json"
CONTROLLER_PATH = "/.well-known/controller.json"
CONTEXT_PATH = "/.well-known/mosip-context.json"

_SECURITY_V2 = "https://w3id.org/security/v2"
_TEMPLATE = Path(__file__).parent / "contexts" / "mosip-context.json"


@dataclass(frozen=True)
class PublicKey:
    """A `public-key.json`: the key with its own URL and that of its controller."""

    id: str
    controller: str
    key: RSAPublicKey


def public_key_url(base: str) -> str:
    """`<base>/.well-known/public-key.json`, the proof's verificationMethod."""
    return base.rstrip("/") + PUBLIC_KEY_PATH


def controller_url(base: str) -> str:
    """`<base>/.well-known/controller.json`, the credential's issuer."""
    return base.rstrip("/") + CONTROLLER_PATH


def context_url(base: str) -> str:
    """`<base>/.well-known/mosip-context.json`, the credential's second context."""
    return base.rstrip("/") + CONTEXT_PATH


def public_key_document(base: str, key: RSAPublicKey) -> dict[str, Any]:
    """`public-key.json` of the issuer at `base`."""
    return {
        "@context": _SECURITY_V2,
        "type": "RsaVerificationKey2018",
        "id": public_key_url(base),
        "controller": controller_url(base),
        "publicKeyPem": keys.public_pem(key),
    }


def controller_document(base: str) -> dict[str, Any]:
    """`controller.json` of the issuer at `base`; it names the key that may sign credentials."""
    return {
        "@context": _SECURITY_V2,
        "id": controller_url(base),
        "assertionMethod": [public_key_url(base)],
    }


def mosip_context(base: str) -> dict[str, Any]:
    """`mosip-context.json` of the issuer at `base`: which subject attributes the signature covers.

    A country adds terms of its own, such as `birthCertificateNumber`, which the stock file lacks (§5.4).
    """
    vocabulary = f"{base.rstrip('/')}/mosip#"
    filled: dict[str, Any] = _filled(json.loads(_template()), vocabulary)
    return filled


def base_of(url: str) -> str:
    """Scheme and host of a URL: where its well-known documents lie."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def read_public_key(document: Any) -> PublicKey:
    """Parse a `public-key.json`; FieldBroken names what is wrong."""
    held = mapping(document, "public-key.json")
    try:
        key = keys.public_key(text(held, "publicKeyPem"))
    except keys.KeyUnusable as error:
        raise FieldBroken("publicKeyPem", str(error)) from error
    return PublicKey(text(held, "id"), text(held, "controller"), key)


def _filled(value: Any, vocabulary: str) -> Any:
    """The template with the vocabulary in its texts; in its values, never in its JSON."""
    if isinstance(value, str):
        return value.replace("{mosip}", vocabulary)
    if isinstance(value, list):
        return [_filled(entry, vocabulary) for entry in value]
    if isinstance(value, dict):
        return {name: _filled(entry, vocabulary) for name, entry in value.items()}
    return value


@cache
def _template() -> str:
    return _TEMPLATE.read_text(encoding="utf-8")

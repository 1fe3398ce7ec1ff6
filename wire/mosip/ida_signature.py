"""The detached signature of ID authentication's requests and answers. Pure.

Source: contract mosip §6.4, §6.5. Clients put base64 of the certificate's *PEM* into `x5c`, in one line or
with line breaks inside the JSON text; the standard, and IDA itself, put base64 of its DER there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from wire.mosip import chains, jws, keys
from wire.mosip.encoding import from_base64, to_base64, to_base64url

REQUEST_HEADER = "signature"
RESPONSE_HEADER = "response-signature"


class IdaSignatureRefused(Exception):
    """A signature header does not hold; `code` is IDA's: IDA-MLC-006 or IDA-MPA-001, -002, -021, -022."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}")


def sign_request(body: bytes, private_key: RSAPrivateKey, certificate: x509.Certificate) -> str:
    """The `signature` header over exactly these body bytes; `x5c` as the Node port writes it (base64url of
    the PEM, unpadded, one line).
    """
    pem = keys.certificate_pem(certificate).encode("ascii")
    return jws.sign(body, {"alg": "RS256", "x5c": [to_base64url(pem)]}, private_key)


def sign_response(body: bytes, private_key: RSAPrivateKey, certificate: x509.Certificate) -> str:
    """The `response-signature` header, with `x5c` (DER) and `x5t#S256`."""
    header = {
        "alg": "RS256",
        "x5c": [to_base64(keys.certificate_der(certificate))],
        "x5t#S256": to_base64url(keys.thumbprint(certificate)),
    }
    return jws.sign(body, header, private_key)


def verify_request(
    header: str | None,
    body: bytes,
    *,
    registered: x509.Certificate | None = None,
    line_breaks: bool = True,
) -> None:
    """Check a request's signature with the certificate that it carries.

    `registered` is the certificate known for the partner: another one is IDA-MPA-021. `line_breaks=False` is
    the newer keymanager, which refuses the PyPI client's form.
    """
    if not header:
        raise IdaSignatureRefused("IDA-MLC-006", "no signature header")
    try:
        detached = jws.take_apart(header)
    except jws.JwsRefused as error:
        raise IdaSignatureRefused("IDA-MPA-001", "the signature header is no detached JWS") from error
    certificate = _read(detached.header.get("x5c"), line_breaks)
    if registered is not None and certificate != registered:
        raise IdaSignatureRefused("IDA-MPA-021", "the certificate is not the one registered for the partner")
    _verify(detached, body, keys.certificate_key(certificate))


def verify_response(
    header: str | None, body: bytes, trusted: Sequence[x509.Certificate], now: datetime
) -> None:
    """Check an answer's signature: made under a trusted certificate, or under one of the header (`x5c`) that
    leads to it. A certificate that only the header knows proves nothing.
    """
    if not header:
        raise IdaSignatureRefused("IDA-MLC-006", "no response-signature header")
    try:
        detached = jws.take_apart(header)
    except jws.JwsRefused as error:
        raise IdaSignatureRefused("IDA-MPA-001", "the header is no detached JWS") from error
    x5c = detached.header.get("x5c")
    chain = [_read([each], True) for each in x5c] if isinstance(x5c, list) else []
    signers = [each for each in trusted if not chain or each == chain[0]]
    if not signers and not chains.leads_to(chain, trusted, now):
        raise IdaSignatureRefused(
            "IDA-MPA-021", "its certificate is neither the trusted one nor issued under it"
        )
    signer = signers[0] if signers else chain[0]
    if not chains.holds(signer, now):
        raise IdaSignatureRefused("IDA-MPA-002", "the signer's certificate is not valid at this time")
    _verify(detached, body, keys.certificate_key(signer))


def _verify(detached: jws.Detached, body: bytes, key: RSAPublicKey) -> None:
    if detached.header.get("b64", True) is not True:
        raise IdaSignatureRefused("IDA-MPA-001", "the payload must be signed as base64url")
    try:
        jws.verify(detached, body, key, algorithm="RS256")
    except jws.JwsRefused as error:
        raise IdaSignatureRefused("IDA-MPA-001", f"the signature does not hold: {error.reason}") from error


def _read(x5c: Any, line_breaks: bool) -> x509.Certificate:
    if not isinstance(x5c, list) or not x5c or not isinstance(x5c[0], str):
        raise IdaSignatureRefused("IDA-MPA-022", "the signature header carries no certificate")
    text = x5c[0]
    broken = len(text.split()) > 1 or text != text.strip()
    if broken and not line_breaks:
        raise IdaSignatureRefused("IDA-MPA-002", "x5c holds line breaks")
    try:
        return keys.certificate(from_base64(text))
    except ValueError as error:
        raise IdaSignatureRefused("IDA-MPA-002", "the certificate in x5c cannot be read") from error

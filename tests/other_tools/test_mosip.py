"""What wire/mosip seals and signs is opened and checked by other programs: node's crypto and openssl."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.unit.wire_mosip.known import (
    BASE,
    CLIENT_CERTIFICATE,
    CLIENT_KEY,
    CONTEXTS,
    CREDENTIAL,
    IDA_KEY,
    ISSUER_KEY,
    KID,
    METHOD,
    NOW,
    PARTNER_CERTIFICATE,
    PARTNER_KEY,
    chance,
)
from tests.unit.wire_mosip.requests import build, header_of
from wire.mosip import credentials, encoding, hub, ida, keys, proofs, sealing

SCRIPT = Path(__file__).with_name("mosip.mjs")

Ask = Callable[..., dict[str, Any]]

PUBLIC = keys.public_pem(ISSUER_KEY.public_key())


@pytest.fixture
def ask_node(node: Path) -> Ask:
    """Run a task of mosip.mjs: its name and what it is given."""

    def ask(task: str, **given: Any) -> dict[str, Any]:
        asked = json.dumps({"task": task, **given})
        done = subprocess.run(
            [node, SCRIPT], input=asked, capture_output=True, text=True, timeout=240, check=True
        )
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return ask


def pem(key: Any) -> str:
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def document(**attributes: str) -> dict[str, Any]:
    return credentials.verifiable_credential(
        base=BASE,
        registration_id="10001100040004220250411075743",
        credential_id="b7907dd4-f667-4a37-9639-792d65b678ea",
        attributes=attributes,
        now=NOW,
    )


@pytest.mark.parametrize("layout", ["VER_R2", "thumbprint", "bare"])
@pytest.mark.parametrize("alphabet", ["base64url", "base64"])
def test_node_opens_what_we_seal(ask_node: Ask, layout: sealing.Layout, alphabet: sealing.Alphabet) -> None:
    plain = '{"fullName":"Naïve ❤"}'.encode()
    sealed = sealing.seal(plain, PARTNER_CERTIFICATE, chance(), layout=layout, alphabet=alphabet)
    opened = ask_node("unseal", sealed=sealed, privateKey=pem(PARTNER_KEY))
    assert base64.b64decode(opened["plain"]) == plain
    mark = keys.thumbprint(PARTNER_CERTIFICATE).hex()
    heads = {"VER_R2": sealing.VERSION.hex() + mark, "thumbprint": mark, "bare": ""}
    assert opened["head"] == heads[layout]


def test_we_open_what_node_seals(ask_node: Ask) -> None:
    plain = b"x" * 1000
    sealed = ask_node(
        "seal", plain=base64.b64encode(plain).decode(), certificate=keys.certificate_pem(PARTNER_CERTIFICATE)
    )["sealed"]
    assert sealing.unseal(sealed, PARTNER_KEY, PARTNER_CERTIFICATE) == plain


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"VID": "4703420631835716"},
        {"VID": "4703420631835716", "UIN": "4238670978", "birthCertificateNumber": "2025B7K3M9Q2X4"},
        {"fullName": "Amara Okonjo-Ñandú", "dateOfBirth": "1991/02/28"},
    ],
)
def test_node_verifies_both_manners_of_proof(ask_node: Ask, attributes: dict[str, str]) -> None:
    real = proofs.sign_urdna2015(
        document(**attributes), ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW
    )
    seen = ask_node("verifyProof", credential=real, publicKey=PUBLIC, manner="urdna2015")
    assert seen == {"holds": True, "header": CREDENTIAL["proof_real"]["jws_header"]}
    mock = proofs.sign_jcs(document(**attributes), ISSUER_KEY, verification_method=METHOD, now=NOW)
    assert ask_node("verifyProof", credential=mock, publicKey=PUBLIC, manner="jcs")["holds"]
    real["credentialSubject"]["vcVer"] = "VC-V2"
    assert not ask_node("verifyProof", credential=real, publicKey=PUBLIC, manner="urdna2015")["holds"]


@pytest.mark.parametrize(("style", "x5c"), [("node", "pem"), ("python", "pem-lines"), ("node", "der")])
def test_node_opens_our_authentication_requests(ask_node: Ask, style: str, x5c: str) -> None:
    who = ida.demographics(name=[{"language": "eng", "value": "Amara Okonjo"}], dob="1991/02/28")
    body = build(style, demographics=who)
    header = header_of(body, CLIENT_KEY, CLIENT_CERTIFICATE, x5c)
    seen = ask_node("openRequest", body=body.decode(), header=header, privateKey=pem(IDA_KEY))
    assert seen["hashFits"] and seen["signatureHolds"]
    assert json.loads(seen["inner"])["demographics"] == who


@pytest.mark.parametrize("method", hub.METHODS)
def test_node_signs_deliveries_as_we_do(ask_node: Ask, method: str) -> None:
    body = '{"a": "né"}'.encode()
    theirs = ask_node(
        "hmac", secret="mosip-websub-secret", body=base64.b64encode(body).decode(), method=method
    )
    assert theirs["header"] == hub.signature("mosip-websub-secret", body, method)


def test_openssl_verifies_the_proof(openssl: Path, tmp_path: Path) -> None:
    signed = proofs.sign_urdna2015(
        document(VID="4703420631835716"), ISSUER_KEY, CONTEXTS, verification_method=METHOD, kid=KID, now=NOW
    )
    header, _, signature = signed["proof"]["jws"].split(".")
    data = header.encode() + b"." + proofs.verify_data(signed, signed["proof"], CONTEXTS)
    (tmp_path / "data").write_bytes(data)
    (tmp_path / "signature").write_bytes(encoding.from_base64(signature))
    (tmp_path / "key.pem").write_text(PUBLIC)
    options = ["rsa_padding_mode:pss", "rsa_pss_saltlen:32", "rsa_mgf1_md:sha256"]
    command = [openssl, "dgst", "-sha256", *(part for option in options for part in ("-sigopt", option))]
    command += ["-verify", "key.pem", "-signature", "signature", "data"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.strip() == "Verified OK", done.stderr


def test_openssl_unwraps_the_session_key(openssl: Path, tmp_path: Path) -> None:
    parts = sealing.take_apart(sealing.seal(b"x", PARTNER_CERTIFICATE, chance(9)))
    (tmp_path / "wrapped").write_bytes(parts.wrapped_key)
    (tmp_path / "key.pem").write_text(pem(PARTNER_KEY))
    options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]
    command = [openssl, "pkeyutl", "-decrypt", "-inkey", "key.pem", "-in", "wrapped", "-out", "session"]
    command += [part for option in options for part in ("-pkeyopt", option)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=240, check=True)
    assert (tmp_path / "session").read_bytes() == chance(9).bytes(32)

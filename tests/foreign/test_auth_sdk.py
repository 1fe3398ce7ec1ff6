"""PyPI `mosip-auth-sdk` 0.5.4 in its own environment, against ID authentication (contract mosip §6)."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from mock_nid.app import start
from mock_nid.settings import Settings
from tests.contract.harness import on_a_thread
from tests.foreign.installing import HERE, sdk_python
from wire.keyfolder import KeyFolder
from wire.mosip.identifiers import make_uin
from wire.world import World

AMARA = "4238670978"
NAME = [{"language": "eng", "value": "Amara Okonjo"}]
CALLS: dict[str, dict[str, Any]] = {
    "match": {"what": "auth", "demographics": {"name": NAME, "dob": "1991/02/28"}},
    "swapped": {"what": "auth", "demographics": {"name": [{"language": "eng", "value": "okonjo AMARA"}]}},
    "by vid": {
        "what": "auth",
        "id": "4703420631835716",
        "type": "VID",
        "demographics": {"name": NAME, "phone_number": "0911222333"},
    },
    "wrong name": {"what": "auth", "demographics": {"name": [{"language": "eng", "value": "Amara Obi"}]}},
    "wrong date": {"what": "auth", "demographics": {"name": NAME, "dob": "1991/02/27"}},
    "both wrong": {
        "what": "auth",
        "demographics": {"name": [{"language": "eng", "value": "X Y"}], "dob": "1900/01/01"},
    },
    "no date": {"what": "auth", "demographics": {"name": NAME, "dob": "28.02.1991"}},
    "unknown": {"what": "auth", "id": make_uin(World.virtual(seed=3).chance), "demographics": {"name": NAME}},
    "malformed": {"what": "auth", "id": "12345", "demographics": {"name": NAME}},
    "no consent": {"what": "auth", "demographics": {"name": NAME}, "consent": False},
    "nothing": {"what": "auth"},
    "short transaction": {"what": "auth", "demographics": {"name": NAME}, "transaction": "123"},
    "kyc": {"what": "kyc", "demographics": {"name": NAME}},
    "kyc of another": {"what": "kyc", "demographics": {"name": [{"language": "eng", "value": "No One"}]}},
    "otp": {"what": "otp", "email": True, "phone": True, "transaction": "7437079296"},
    "otp by e-mail": {"what": "otp", "email": True, "transaction": "7437079297"},
    "otp wrong": {"what": "auth", "otp": "000000", "transaction": "7437079297"},
    "otp right": {"what": "auth", "otp": "111111", "transaction": "7437079297"},
    "otp spent": {"what": "auth", "otp": "111111", "transaction": "7437079297"},
}


def _ask(url: str, keys: Path, calls: list[dict[str, Any]], authorization: str) -> list[dict[str, Any]]:
    task = {"url": f"{url}/idauthentication/v1", "keys": str(keys), "authorization": authorization}
    done = subprocess.run(
        [str(sdk_python()), str(HERE / "sdk" / "ask.py")],
        input=json.dumps({**task, "calls": calls}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def _opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture(scope="module")
def nid(rehearsal_keys: Path) -> Iterator[str]:
    settings = Settings(port=0, esignet_port=0, keys=rehearsal_keys, seed=5)
    with on_a_thread(lambda: start(settings, World.system(seed=5))) as running:
        yield running.url


@pytest.fixture(scope="module")
def answers(nid: str, rehearsal_keys: Path) -> dict[str, dict[str, Any]]:
    """All calls in one run of the SDK, in order."""
    calls = [{"id": AMARA, **call} for call in CALLS.values()]
    given = _ask(nid, rehearsal_keys, calls, "Authorization")
    return dict(zip(CALLS, given, strict=True))


@pytest.mark.parametrize("name", CALLS)
def test_every_answer_has_idas_envelope(answers: dict[str, dict[str, Any]], name: str) -> None:
    answer = answers[name]
    assert answer["status"] == 200
    assert {"id", "version", "transactionID", "responseTime", "response", "errors"} <= set(answer["body"])
    assert answer["body"]["id"] == f"mosip.identity.{CALLS[name]['what']}"


@pytest.mark.parametrize("name", ["match", "swapped", "by vid", "otp right"])
def test_who_matches_is_authenticated(answers: dict[str, dict[str, Any]], name: str) -> None:
    body = answers[name]["body"]
    assert not body["errors"]
    assert body["response"]["authStatus"] is True
    token = body["response"]["authToken"]
    assert len(token) == 36 and token.isdigit()
    assert token == answers["match"]["body"]["response"]["authToken"]


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("wrong name", [("IDA-DEA-001", "Demographic data name in eng did not match")]),
        ("wrong date", [("IDA-DEA-001", "Demographic data dob did not match")]),
        (
            "both wrong",
            [
                ("IDA-DEA-001", "Demographic data dob did not match"),
                ("IDA-DEA-001", "Demographic data name in eng did not match"),
            ],
        ),
        ("no date", [("IDA-MLC-009", "Invalid Input Parameter - request/demographics/dob")]),
        ("unknown", [("IDA-MLC-018", "UIN not available in database")]),
        ("malformed", [("IDA-MLC-002", "Invalid UIN")]),
        ("no consent", [("IDA-MLC-012", "Individual's Consent is not available")]),
        ("nothing", [("IDA-MLC-008", "No authentication type selected")]),
        ("short transaction", [("IDA-MLC-009", "Invalid Input Parameter - transactionID")]),
        ("otp wrong", [("IDA-OTA-004", "OTP is invalid")]),
        (
            "otp spent",
            [
                (
                    "IDA-OTA-012",
                    "OTP validation can't be performed against this Individual-ID. Generate OTP first.",
                )
            ],
        ),
    ],
)
def test_who_does_not_match_is_told_why(
    answers: dict[str, dict[str, Any]], name: str, errors: list[tuple[str, str]]
) -> None:
    body = answers[name]["body"]
    assert sorted((error["errorCode"], error["errorMessage"]) for error in body["errors"]) == errors
    assert body["response"]["authStatus"] is False


def test_e_kyc_is_opened_by_the_sdk(answers: dict[str, dict[str, Any]], rehearsal_keys: Path) -> None:
    answer = answers["kyc"]
    assert answer["body"]["response"]["kycStatus"] is True
    identity = answer["identity"]
    assert identity["name"] == [{"language": "eng", "value": "Amara Okonjo"}]
    assert identity["dob"] == "1991/02/28"
    refused = answers["kyc of another"]["body"]
    assert refused["response"]["kycStatus"] is False
    assert refused["response"]["identity"] is None
    assert [error["errorCode"] for error in refused["errors"]] == ["IDA-DEA-001"]


def test_an_otp_goes_to_the_asked_channels(answers: dict[str, dict[str, Any]]) -> None:
    both = answers["otp"]["body"]
    assert not both["errors"]
    assert both["response"]["maskedMobile"].endswith("2333")
    assert both["response"]["maskedEmail"].endswith("@example.org")
    assert answers["otp by e-mail"]["body"]["response"]["maskedMobile"] is None


def test_answers_are_signed(answers: dict[str, dict[str, Any]], rehearsal_keys: Path) -> None:
    """The SDK does not look; any partner may (§6.5)."""
    answer = answers["match"]
    header, signature = answer["headers"]["response-signature"].split("..")
    told = json.loads(_opened(header))
    certificate = x509.load_der_x509_certificate(base64.b64decode(told["x5c"][0]))
    assert certificate == KeyFolder(rehearsal_keys)["ida-sign"].certificate
    assert told["alg"] == "RS256"
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    payload = base64.urlsafe_b64encode(answer["text"].encode()).rstrip(b"=")
    key.verify(_opened(signature), header.encode() + b"." + payload, PKCS1v15(), SHA256())


def test_the_sdk_as_it_comes_sends_an_empty_authorization(nid: str, rehearsal_keys: Path) -> None:
    """Its template leaves the constant empty, and real IDA refuses that before all else (§6.8)."""
    (answer,) = _ask(nid, rehearsal_keys, [{"id": AMARA, **CALLS["match"]}], "")
    assert [(error["errorCode"], error["errorMessage"]) for error in answer["body"]["errors"]] == [
        ("IDA-MLC-007", "Request could not be processed. Please try again"),
        ("IDA-MLC-006", "Missing Input Parameter - Authorization - header"),
    ]

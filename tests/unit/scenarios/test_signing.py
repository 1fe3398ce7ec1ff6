"""A verifier's signature: whose it is, and what breaks it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Locked
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from scenarios.cli.app import app
from scenarios.reports.result import (
    read_result,
)
from scenarios.reports.signing import NotGenuine, signature, signer_of, signing_key
from tests.unit.scenarios.results import RUNNER, result, told

LOOK = "the record is registered"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
jwks = st.fixed_dictionaries(
    {"kty": st.sampled_from(["OKP", "RSA", "oct", "EC"]) | json_values},
    optional=dict.fromkeys(("crv", "x", "n", "e", "d", "k"), json_values),
)


@given(json_values | jwks, json_values)
def test_no_signature_of_anybody_breaks_the_reader(jwk: Any, algorithm: Any) -> None:
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "jwk": jwk}).encode()).decode().rstrip("=")
    )
    for signed in (f"{header}..AAAA", header, f"{header}.."):
        with pytest.raises(NotGenuine):
            signer_of({"a": 1}, signed)


def test_a_private_key_in_the_header_is_read_as_its_public_one() -> None:
    key = rsa.generate_private_key(65537, 2048)
    jwk = json.loads(RSAAlgorithm.to_jwk(key))
    payload = rfc8785.dumps({"a": 1})
    header, _, value = jwt.api_jws.encode(payload, key, "RS256", {"jwk": jwk}).split(".")
    assert signer_of({"a": 1}, f"{header}..{value}") == signer_of({"a": 1}, signature({"a": 1}, key))


def pem(key: Any, how: Any = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how or NoEncryption()))


def test_the_key_is_made_once_and_may_be_given(tmp_path: Path, rehearsal_keys: Path) -> None:
    first, again = (signing_key(tmp_path / "keys") for _ in range(2))
    assert pem(first) == pem(again)
    assert (tmp_path / "keys" / "verifier.key.pem").stat().st_mode & 0o077 == 0
    own = tmp_path / "own.pem"
    own.write_bytes(pem(rsa.generate_private_key(65537, 2048)))
    words = [
        "run",
        "sync_success",
        "--quiet",
        "--result",
        str(tmp_path / "r.json"),
        "--signing-key",
        str(own),
    ]
    assert RUNNER.invoke(app, [*words, "--keys", str(rehearsal_keys)]).exit_code == 0
    header = read_result(tmp_path / "r.json")[0].signature.partition(".")[0]
    assert header != result(tmp_path, told())[1].signature.partition(".")[0]


@pytest.mark.parametrize(
    "content",
    [
        b"no key",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 2048), Locked(b"secret")),
        None,
    ],
    ids=["no key", "another kind", "with a password", "not there"],
)
def test_a_key_that_cannot_be_used_is_said_before_anything_is_played(
    content: bytes | None, tmp_path: Path, rehearsal_keys: Path
) -> None:
    own = tmp_path / "own.pem"
    if content is not None:
        own.write_bytes(content)
    words = ["run", "sync_success", "--result", str(tmp_path / "r.json"), "--signing-key", str(own)]
    ended = RUNNER.invoke(app, [*words, "--keys", str(rehearsal_keys)], env={"COLUMNS": "200"})
    assert (ended.exit_code, "--signing-key" in ended.stderr) == (2, True), ended.output
    assert "passed" not in ended.stdout


def test_another_key_can_be_kept_out(tmp_path: Path) -> None:
    path, one = result(tmp_path, told())
    words = ["verify", "--check", str(path), "--signed-by"]
    assert RUNNER.invoke(app, [*words, one.signer]).exit_code == 0
    ended = RUNNER.invoke(app, [*words, "somebody-else"])
    assert (ended.exit_code, one.signer in ended.stderr) == (1, True)

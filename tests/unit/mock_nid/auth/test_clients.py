"""Relying parties: redirect URIs as eSignet matches them (Spring's AntPathMatcher), and their keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from mock_nid.auth.clients import RelyingParty
from wire.keyfolder import KeyFolder


@pytest.mark.parametrize(
    ("registered", "asked", "allowed"),
    [
        ("https://a.example/cb", "https://a.example/cb", True),
        ("https://a.example/cb", "https://a.example/cb/", False),
        ("https://a.example/cb", "https://a.example/cb?journey=7", False),
        ("https://a.example/*", "https://a.example/cb", True),
        ("https://a.example/*", "https://a.example/cb/deep", False),
        ("https://a.example/**", "https://a.example/cb/deep", True),
        ("https://a.example/**", "https://a.example", True),
        ("https://a.example/**", "https://b.example/cb", False),
        ("https://*.example/cb", "https://a.b.example/cb", True),
        ("https://*.example/cb", "https://evil.org/x.example/cb", False),
        ("https://a.example/c?", "https://a.example/cb", True),
        ("*", "https://anywhere.example/", True),
    ],
)
def test_a_registered_uri_may_be_a_pattern(registered: str, asked: str, allowed: bool) -> None:
    party = RelyingParty(id="x", name="X", redirect_uris=(registered,))
    assert party.allows(asked) is allowed


def test_a_relying_party_may_have_a_key_of_its_own(rehearsal_keys: Path, tmp_path: Path) -> None:
    key = KeyFolder(rehearsal_keys)["oidp-client"].private_key.public_key()
    file = tmp_path / "party.pem"
    file.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    party = RelyingParty.model_validate(
        {"id": "x", "name": "X", "redirect_uris": [], "public_key": str(file)}
    )
    assert party.public_key == key


@pytest.mark.parametrize("file", [__file__, "/nowhere.pem", 7, {}])
def test_a_file_that_holds_no_key_is_named_before_anything_starts(file: object) -> None:
    with pytest.raises(ValidationError, match="public_key"):
        RelyingParty.model_validate({"id": "x", "name": "X", "redirect_uris": [], "public_key": file})

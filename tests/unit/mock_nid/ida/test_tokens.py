"""Tokens of ID authentication that stand for a person, and KYC tokens that are good once (§6.5, §6.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_nid.ida.faults import IdaRefused
from mock_nid.ida.tokens import KYC_TOKEN_LIFE, KycToken, KycTokens, auth_token, subject

NOW = datetime(2026, 3, 2, tzinfo=UTC)
IDS = st.text("0123456789", min_size=10, max_size=10)


@given(IDS, IDS)
def test_a_person_has_one_token_at_a_partner_and_another_elsewhere(uin: str, other: str) -> None:
    token = auth_token(uin, "one")
    assert token == auth_token(uin, "one") and token.isdigit() and len(token) == 36
    assert token != auth_token(uin, "two") and uin not in token
    assert len(subject(uin, "one")) == 43 and (subject(uin, "one") == subject(other, "one")) is (uin == other)


@pytest.mark.parametrize(
    ("change", "later", "code"),
    [
        ({"token": "another"}, timedelta(0), "IDA-KYE-001"),
        ({}, KYC_TOKEN_LIFE + timedelta(seconds=1), "IDA-KYE-002"),
        ({"client_id": "another"}, timedelta(0), "IDA-KYE-004"),
        ({"transaction": "another"}, timedelta(0), "IDA-KYE-005"),
        ({"individual_id": "another"}, timedelta(0), "IDA-KYE-007"),
        ({}, KYC_TOKEN_LIFE, None),
    ],
)
def test_a_kyc_token_is_exchanged_as_it_was_made(
    change: dict[str, str], later: timedelta, code: str | None
) -> None:
    tokens, entry = KycTokens(), KycToken("UIN", "VID", "client", "T", NOW)
    tokens["token"] = entry
    asked = {"token": "token", "client_id": "client", "transaction": "T", "individual_id": "VID", **change}
    if code is None:
        assert tokens.redeem(**asked, now=NOW + later) is entry
        code = "IDA-KYE-003"
    with pytest.raises(IdaRefused) as refused:
        tokens.redeem(**asked, now=NOW + later)
    assert [fault.code for fault in refused.value.faults] == [code]
    assert entry.used is (code == "IDA-KYE-003")

"""Tokens that stand for a person at a partner, and KYC tokens. Pure (contract mosip §6.5)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from mock_nid.ida.faults import refused
from testbed.latest import Latest

KYC_TOKEN_LIFE = timedelta(seconds=300)


def auth_token(uin: str, partner_id: str) -> str:
    """36 digits, always the same for one person at one partner."""
    digest = hashlib.sha256(f"{uin}:{partner_id}".encode()).digest()
    return str(int.from_bytes(digest))[:36].ljust(36, "0")


def subject(uin: str, client_id: str) -> str:
    """The pairwise subject (PSUT) of a person at a relying party: 43 characters."""
    digest = hashlib.sha256(f"psut:{uin}:{client_id}".encode()).hexdigest()
    return digest[:43]


@dataclass
class KycToken:
    uin: str
    individual_id: str
    client_id: str
    transaction: str
    at: datetime
    used: bool = False


class KycTokens(Latest[str, KycToken]):
    """Tokens of kyc-auth that wait for their kyc-exchange."""

    def redeem(
        self, token: str, client_id: str, transaction: str, individual_id: str, now: datetime
    ) -> KycToken:
        """Use a token once; IdaRefused with the reason of §6.6 otherwise."""
        entry = self.get(token)
        if entry is None:
            raise refused("IDA-KYE-001")
        if entry.used:
            raise refused("IDA-KYE-003")
        if now - entry.at > KYC_TOKEN_LIFE:
            raise refused("IDA-KYE-002")
        if entry.client_id != client_id:
            raise refused("IDA-KYE-004")
        if entry.transaction != transaction:
            raise refused("IDA-KYE-005")
        if entry.individual_id != individual_id:
            raise refused("IDA-KYE-007")
        entry.used = True
        return entry

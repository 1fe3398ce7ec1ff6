"""Which partner calls, by the parts of the path, and what its policy allows. Pure (contract §6.1, §6.6)."""

from __future__ import annotations

from collections.abc import Mapping

from mock_nid.auth.clients import Ida, PartnerPolicy
from mock_nid.ida.faults import early

_MISP: Mapping[str, str] = {"EXPIRED": "IDA-MPA-008", "BLOCKED": "IDA-MPA-017", "UNMAPPED": "IDA-MPA-010"}
_PARTNER: Mapping[str, str] = {
    "DEACTIVATED": "IDA-MPA-012",
    "NO_POLICY": "IDA-MPA-014",
    "NO_CERTIFICATE": "IDA-MPA-020",
}
_KEY: Mapping[str, str] = {"POLICY_INACTIVE": "IDA-MPA-019", "EXPIRED": "IDA-MPA-039"}


def policy_of(
    ida: Ida, misp_key: str, partner_id: str, api_key: str, *, any_key: bool = False
) -> PartnerPolicy:
    """The partner's policy; IdaRefused by the first of the three that is not good.

    `any_key`: the third part is an OIDC client id, which eSignet vouches for.
    """
    misp = next((one for one in ida.misp if one.key == misp_key), None)
    if misp is None:
        raise early("IDA-MPA-007")
    if misp.status in _MISP:
        raise early(_MISP[misp.status])
    partner = next((one for one in ida.partners if one.id == partner_id), None)
    if partner is None:
        raise early("IDA-MPA-009")
    if partner.status in _PARTNER:
        raise early(_PARTNER[partner.status])
    if any_key:
        return PartnerPolicy()
    key = next((one for one in ida.api_keys if one.key == api_key), None)
    if key is None:
        raise early("IDA-MPA-018")
    if key.status in _KEY:
        raise early(_KEY[key.status])
    return key.policy


def admit(policy: PartnerPolicy, factors: tuple[str, ...], *, kyc: bool) -> None:
    """IdaRefused when the policy does not allow what the request asks for."""
    if kyc and not policy.kyc:
        raise early("IDA-MPA-013")
    for name in ("demo", "otp"):
        rule = getattr(policy, name)
        if rule == "refused" and name in factors:
            raise early("IDA-MPA-006", name)
        if rule == "mandatory" and name not in factors:
            raise early("IDA-MPA-015", name)
    for name in ("pin", "bio"):
        if name in factors:
            raise early("IDA-MPA-006", name)

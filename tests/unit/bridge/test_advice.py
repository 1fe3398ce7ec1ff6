"""What a person can do, for each reason and each fault."""

from __future__ import annotations

import pytest

from bridge.advice import ADVICE, Stuck, remedy


def test_every_reason_tells_what_to_do() -> None:
    assert set(ADVICE) == set(Stuck)
    assert all(len(text) > 20 for text in ADVICE.values())


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("form-lacks-field", "BRIDGE_NATIONAL_ID_FIELDS"),
        ("opencrvs-credential", "OPENCRVS_CLIENT_ID"),
        ("KER-PUT-006", "MOSIP_PACKET_SOURCE"),
        ("HTTP 413", "gateway"),
        ("a code that nobody knows", "address"),
    ],
)
def test_a_fault_s_remedy_names_what_to_look_at(code: str, names: str) -> None:
    assert names in remedy(code)

"""Which partner may ask ID authentication."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.asker import Asker, codes
from wire.mosip import ida

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.parametrize(
    ("partner", "expected"),
    [
        (("x", "crvs-partner", "123456"), "IDA-MPA-007"),
        (("MISP-LK-EXPIRED", "crvs-partner", "123456"), "IDA-MPA-008"),
        (("MISP-LK-BLOCKED", "crvs-partner", "123456"), "IDA-MPA-017"),
        (("MISP-LK-UNMAPPED", "crvs-partner", "123456"), "IDA-MPA-010"),
        (("MISP-LK-EXAMPLE", "x", "123456"), "IDA-MPA-009"),
        (("MISP-LK-EXAMPLE", "partner-deactivated", "123456"), "IDA-MPA-012"),
        (("MISP-LK-EXAMPLE", "partner-without-policy", "123456"), "IDA-MPA-014"),
        (("MISP-LK-EXAMPLE", "partner-without-certificate", "123456"), "IDA-MPA-020"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "x"), "IDA-MPA-018"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "inactive-policy"), "IDA-MPA-019"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "expired-key"), "IDA-MPA-039"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "no-demo"), "IDA-MPA-006"),
        (("MISP-LK-EXAMPLE", "crvs-partner", "otp-mandatory"), "IDA-MPA-015"),
    ],
)
@pytest.mark.requirement("MOSIP-IDA-03")
async def test_partners(stage: Open, keys: Path, partner: tuple[str, str, str], expected: str) -> None:
    answer = await Asker(await stage(), keys).ask(partner=ida.Partner(*partner, "https://mosip.example"))
    assert codes(answer) == ["IDA-MLC-007", expected]

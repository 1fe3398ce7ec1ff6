"""One-time passwords of ID authentication."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.asker import Asker, codes
from wire.mosip import ida

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.requirement("MOSIP-IDA-06")
async def test_one_time_passwords(stage: Open, keys: Path) -> None:
    s = await stage()
    ask = Asker(s, keys).ask
    assert codes(await ask(otp="111111")) == ["IDA-OTA-012"]
    sent = await ask(service="otp")
    assert sent["response"] == {"maskedMobile": None, "maskedEmail": "aXXXXXXXXXXo@example.org"}
    assert codes(await ask(otp="111111", transaction="0000000001")) == ["IDA-OTA-005"]
    assert codes(await ask(otp="999999")) == ["IDA-OTA-004"]
    assert codes(await ask(otp="111111")) == []
    assert codes(await ask(otp="111111")) == ["IDA-OTA-012"]
    await ask(service="otp")
    assert codes(await ask(individual_id="4703420631835716", id_type="VID", otp="111111")) == ["IDA-OTA-010"]
    await s.advance(181)
    assert codes(await ask(otp="111111")) == ["IDA-OTA-003"]
    assert codes(await ask(service="otp", change={"otpChannel": []})) == ["IDA-OTA-008"]
    assert codes(await ask(service="otp", change={"otpChannel": ["FAX"]})) == ["IDA-OTA-009"]
    assert codes(await ask("6850936724", service="otp")) == ["IDA-OTA-002"]
    for _ in range(5):
        await ask(service="otp")
    assert codes(await ask(service="otp")) == ["IDA-OTA-001"]
    for _ in range(5):
        await ask(otp="999999")
    assert codes(await ask(otp="111111")) == ["IDA-OTA-007"]
    forbidden = ida.Partner("MISP-LK-EXAMPLE", "crvs-partner", "no-otp", "https://mosip.example")
    assert codes(await ask(service="otp", partner=forbidden)) == ["IDA-MLC-007", "IDA-MPA-005"]
    assert codes(await ask(otp="111111", partner=forbidden)) == ["IDA-MLC-007", "IDA-MPA-006"]

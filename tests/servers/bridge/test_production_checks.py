"""What the bridge says when it starts."""

from __future__ import annotations

from structlog.testing import capture_logs

from tests.servers.bridge.conftest import Stage


async def test_the_log_names_leniencies_default_secrets_and_test_keys(stage: Stage) -> None:
    with capture_logs() as lines:
        await stage.restart(kill=False, allow_euin=True, allow_unsigned_ida=True)
    said = {line["event"]: line for line in lines if line["log_level"] == "warning"}
    lenient = [line["setting"] for line in lines if line["event"] == "leniency is on"]
    assert lenient == ["BRIDGE_ALLOW_EUIN", "BRIDGE_ALLOW_UNSIGNED_IDA"]
    assert "MOSIP_WEBSUB_SECRET" in said["default secrets are in use; everybody knows them"]["settings"]
    assert "DECRYPT_P12_FILE_PATH" in said["self-made test keys are in use"]["settings"]

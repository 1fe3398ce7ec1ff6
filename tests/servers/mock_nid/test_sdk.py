"""PyPI's mosip-auth-sdk 0.5.4, unchanged and in an environment of its own, against mock_nid."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from mock_nid.app import start
from mock_nid.settings import Settings
from tests.contract.harness import on_a_thread
from wire.keyfolder import P12_PASSWORD
from wire.world import World

VERSION = "0.5.4"
PLACE = Path(__file__).resolve().parents[3] / ".rehearsal" / f"mosip-auth-sdk-{VERSION}"


@pytest.fixture(scope="module")
def sdk() -> str:
    """The interpreter of that environment; made once, it pins an older cryptography than ours."""
    python = PLACE / "bin" / "python"
    ready = PLACE / "ready"
    if not ready.exists():
        venv.create(PLACE, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", f"mosip-auth-sdk=={VERSION}"]
        made = subprocess.run(install, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"mosip-auth-sdk cannot be installed here: {made.stderr.strip()[-300:]}")
        ready.touch()
    return str(python)


@pytest.fixture(scope="module")
def said(sdk: str, keys: Path) -> Any:
    settings = Settings(port=0, esignet_port=0, seed=1, keys=keys)
    with on_a_thread(lambda: start(settings, World.system(seed=1))) as running:
        given = {"url": running.url, "keys": str(keys), "password": P12_PASSWORD}
        script = Path(__file__).with_name("sdk_client.py")
        run = subprocess.run(
            [sdk, str(script), json.dumps(given)], capture_output=True, text=True, timeout=60, check=False
        )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_match(said: Any) -> None:
    assert said["match"]["response"]["authStatus"] is True and said["match"]["errors"] is None


@pytest.mark.parametrize(
    ("case", "code"),
    [("wrong name", "IDA-DEA-001"), ("wrong date", "IDA-DEA-001"), ("unknown", "IDA-MLC-018")],
)
def test_refusals(said: Any, case: str, code: str) -> None:
    assert said[case]["response"]["authStatus"] is False
    assert [error["errorCode"] for error in said[case]["errors"]] == [code]


def test_kyc_opens(said: Any) -> None:
    assert said["kyc"]["response"]["kycStatus"] is True
    assert said["identity"]["dob"] == "1991/02/28"


def test_otp(said: Any) -> None:
    assert said["otp sent"]["response"]["maskedMobile"] == "XXXXXX2333"
    assert said["otp"]["response"]["authStatus"] is True


def test_this_environment_is_not_ours(sdk: str) -> None:
    assert Path(sdk).resolve().parent != Path(sys.prefix) and not sdk.startswith(sys.prefix)

"""What is seen to before the bridge listens: the country's folder, and who stands behind the bridge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.country import COUNTRIES
from bridge.mosip.system import Mosip
from bridge.nid import IdSystem
from bridge.preflight import check_country, passing_of, secrets_of
from bridge.settings import Settings
from bridge.starting import CannotStart
from wire.world import World


class Bare(Mosip):
    """An ID system that verifies nobody and takes no applications."""

    verify, apply = IdSystem.verify, IdSystem.apply


@pytest.mark.parametrize(
    ("settings", "made", "says"),
    [
        ({"forwarded": ("birth", "marriage")}, Mosip, "BRIDGE_FORWARDED: .* no mapping for marriage"),
        ({"country_folder": COUNTRIES / "uganda"}, Bare, "takes no applications|verifies nobody"),
        ({"country_folder": Path("nowhere")}, Mosip, "BRIDGE_COUNTRY: nowhere: no such folder"),
    ],
)
def test_a_folder_that_asks_for_what_cannot_be_done(
    settings: dict[str, Any], made: type[IdSystem], says: str
) -> None:
    with pytest.raises(CannotStart, match=says):
        check_country(Settings(**settings), made)


@pytest.mark.parametrize("folder", ["farajaland", "uganda"])
def test_what_is_shipped_can_be_started_with(folder: str) -> None:
    check_country(Settings(country_folder=COUNTRIES / folder), Mosip)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3040", "http://localhost:3040/"])
def test_the_country_config_is_not_the_bridge_itself(url: str) -> None:
    with pytest.raises(CannotStart, match="is the bridge itself"):
        passing_of(Settings(country_config_url=url), World.virtual())


def test_every_secret_is_known_lists_taken_apart() -> None:
    settings = Settings(
        operators="amina=a-token-of-amina-1,joseph=a-token-of-joseph",
        database_url="postgresql+asyncpg://crvs:hidden-word@db/bridge",
    )
    found = secrets_of(settings)
    assert {"a-token-of-amina-1", "a-token-of-joseph", "hidden-word", "mosip-websub-secret"} <= {*found}

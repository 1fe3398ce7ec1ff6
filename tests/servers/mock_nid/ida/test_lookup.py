"""Who is meant: numbers, handles of a country's own, and people who were deactivated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.asker import Asker, codes

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.requirement("MOSIP-IDA-07")
async def test_a_country_names_people_by_handles_of_its_own(stage: Open, keys: Path) -> None:
    """Uganda: the lower-case number with `@nin` behind it (contract field §5)."""
    ask = Asker(await stage(handles="UIN@nin,birthCertificateNumber@brn"), keys).ask
    assert codes(await ask("4238670978@NIN", id_type="HANDLE")) == []
    assert codes(await ask("4238670978@brn", id_type="HANDLE")) == ["IDA-MLC-018"]
    assert codes(await Asker(await stage(), keys).ask("4238670978@nin", id_type="HANDLE")) == ["IDA-MLC-018"]


async def test_a_country_says_in_its_own_code_that_a_parent_was_deactivated(stage: Open, keys: Path) -> None:
    ask = Asker(await stage(ida_deactivated="IDA-MLC-032", handles="UIN@nin"), keys).ask
    assert codes(await ask("8507457640")) == ["IDA-MLC-032"]
    assert codes(await ask("8507457640@nin", id_type="HANDLE")) == ["IDA-MLC-032"]

"""The documents of the issuer prove its credentials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.servers.mock_nid.actors import Stage
from wire.mosip import well_known

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.requirement("MOSIP-CRD-02")
async def test_well_known_documents_prove_the_credential(stage: Open, keys: Path) -> None:
    s = await stage()
    _, document, _ = await s.client.call("GET", "/.well-known/public-key.json")
    key = well_known.read_public_key(document)
    _, controller, _ = await s.client.call("GET", "/.well-known/controller.json")
    assert controller["assertionMethod"] == [key.id]
    assert key.id == f"{s.running.url}/.well-known/public-key.json"
    status, context, _ = await s.client.call("GET", "/.well-known/mosip-context.json")
    assert status == 200 and "@context" in context

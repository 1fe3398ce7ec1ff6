"""What packet manager refuses without a word: the journal's note says which attribute is wrong (§2.4)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage

Open = Callable[..., Awaitable[Stage]]
PATH = "/commons/v1/packetmanager/createPacket"
AUDIT = {"uuid": "6f0b7a7e-4a9b-44b1-8cbe-0a5b8e4a6f0a", "eventId": "REG-EVT-066"}
SCHEMA = '{"properties": {"identity": {"properties": {}}}}'

GOOD: dict[str, Any] = {
    "id": "100010000000001",
    "source": "CRVS1",
    "process": "CRVS_NEW",
    "schemaVersion": "0.1",
    "schemaJson": SCHEMA,
    "fields": {},
    "metaInfo": {},
    "audits": [AUDIT],
}
SAMPLE: dict[str, Any] = {
    "id": "100010000000001",
    "ref_id": "10001_10004",
    "source": "CRVS1",
    "process": "CRVS_NEW",
    "schema_version": "0.1",
    "fields": {"fullName": "Chanda Mulenga", "dateOfBirth": "2026/02/20"},
    "metaInfo": {"operationsData": {"officerId": "crvs_officer"}},
}
"""The shape of the sample in MOSIP's API reference of 2026 (contract mosip §15 row 17)."""


@pytest.mark.parametrize(
    ("request_", "status", "note"),
    [
        (GOOD, 200, ""),
        (SAMPLE, 400, "request.metaInfo.operationsData"),
        (SAMPLE | {"metaInfo": {"operationsData": "[]"}}, 200, "KER-KPM-008 Registration audits is empty"),
        (GOOD | {"audits": []}, 200, "KER-KPM-008 Registration audits is empty"),
        (GOOD | {"schemaJson": "{"}, 200, "KER-KPM-002 the ID schema cannot be parsed"),
        (GOOD | {"schemaVersion": "one"}, 200, "KER-KPM-002 schemaVersion is not a number"),
        (GOOD | {"id": ""}, 200, "the packet has no id"),
        (
            GOOD | {"fields": {"fullName": [{"language": "eng", "value": "X"}]}},
            400,
            "request.fields.fullName",
        ),
        (GOOD | {"audits": {}}, 400, "request.audits"),
    ],
)
async def test_the_note_says_why(stage: Open, request_: dict[str, Any], status: int, note: str) -> None:
    s = await stage()
    body = {"id": "x", "version": "v1", "requesttime": s.world.timestamp(), "request": request_}
    answered, told, _ = await s.client.call("PUT", PATH, json=body, headers=await s.client.cookie())
    assert answered == status
    exchange = next(one for one in reversed(list(s.running.journal)) if one.operation == "packet.create")
    assert note in exchange.note and bool(exchange.note) is bool(note)
    if status == 400:
        assert set(told) == {"timestamp", "status", "error", "path"}
    elif note:
        assert (told["response"], told["errors"]) == (None, [])
    else:
        assert told["response"]

"""VIDs and what the service of VIDs refuses (contract mosip §7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.servers.mock_nid.actors import Stage
from tests.servers.mock_nid.refusals import first_error

Open = Callable[..., Awaitable[Stage]]


@pytest.mark.requirement("MOSIP-IDR-04")
async def test_vid_service(stage: Open) -> None:
    s = await stage()
    cookie = await s.client.cookie()

    async def ask(method: str, path: str, id: str = "", **request: Any) -> Any:
        body = {"id": id, "version": "v1", "requesttime": s.world.timestamp(), "request": request}
        full = f"/idrepository/v1/vid{path}"
        _, answer, _ = await s.client.call(method, full, json=body if id else None, headers=cookie)
        return answer

    made = await ask("POST", "", "mosip.vid.create", UIN="4238670978", vidType="Temporary")
    vid = made["response"]["VID"]
    assert (await ask("GET", f"/{vid}"))["response"] == {"UIN": "4238670978"}
    again = await ask("POST", "", "mosip.vid.create", UIN="4238670978", vidType="Perpetual")
    assert first_error(again)[0] == "IDR-VID-003"
    gone = await ask("POST", "", "mosip.vid.create", UIN="8507457640", vidType="Temporary")
    assert first_error(gone) == ("IDR-VID-004", "DEACTIVATED UIN")
    revoked = await ask("PATCH", "/4703420631835716", "mosip.vid.update", vidStatus="REVOKED")
    assert revoked["response"]["restoredVid"]["vidStatus"] == "ACTIVE"
    assert first_error(await ask("GET", "/4703420631835716")) == ("IDR-VID-001", "VID is REVOKED")
    assert first_error(await ask("GET", "/123")) == ("IDR-IDC-002", "Invalid Input Parameter - VID")
    assert first_error(await ask("GET", "/6829013475081236"))[0] in ("IDR-IDC-007", "IDR-IDC-002")
    await s.advance(31 * 60)
    assert first_error(await ask("GET", f"/{vid}")) == ("IDR-VID-001", "VID is EXPIRED")
    listed = await ask("GET", "/uin/4238670978")
    assert len(listed["response"]) == 1 and "genratedOnTimestamp" in listed["response"][0]
    off = await ask("POST", "/deactivate", "mosip.vid.deactivate", UIN="4238670978")
    assert off["response"] == {"vidStatus": "DEACTIVATED"}
    on = await ask("POST", "/reactivate", "mosip.vid.reactivate", UIN="4238670978")
    assert on["response"] == {"vidStatus": "ACTIVE"}
    fresh = await ask("POST", f"/{listed['response'][0]['vid']}/regenerate")
    assert fresh["response"]["vidStatus"] == "ACTIVE"

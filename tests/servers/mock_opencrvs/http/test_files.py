"""Uploaded files, as the gateway and the documents service of core 2.0.0 have them (read in their source)."""

from __future__ import annotations

from aiohttp import ClientSession

from mock_opencrvs.app import Running
from testbed.browser import Browser


async def test_a_scan_is_opened_by_the_address_that_is_signed_for_it(
    registrar: Browser, opencrvs: Running
) -> None:
    scan = await registrar.upload("slip.png", b"content")
    assert scan["path"].endswith(".png") and not scan["path"].startswith("/")
    headers = {"Authorization": f"Bearer {registrar.token}"}
    async with ClientSession() as session:
        async with session.get(f"{opencrvs.gateway_url}/presigned-url/{scan['path']}") as answer:
            assert answer.status == 401
        for path, status in ((scan["path"], 200), (f"/ocrvs/{scan['path']}", 200), ("none.png", 404)):
            url = f"{opencrvs.gateway_url}/presigned-url/{path}"
            async with session.get(url, headers=headers) as answer:
                signed = (await answer.json())["presignedURL"]
            async with session.get(signed) as answer:
                assert answer.status == status
                assert status != 200 or await answer.read() == b"content"
            async with session.get(signed.split("?")[0]) as answer:
                assert answer.status == 403
        for body in (b"", b"{}"):
            url = f"{opencrvs.gateway_url}/upload"
            async with session.post(url, headers=headers, data=body) as answer:
                assert answer.status == 400

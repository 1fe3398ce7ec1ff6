"""Uploaded files: the gateway's way to the documents service, and the store whose addresses that one signs.

Upstream: packages/gateway routes `/upload`, `/presigned-url/…`; packages/documents. The store is a MinIO of
its own in the real world; here it answers below the gateway's `/ocrvs`, the name of its bucket.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from mock_opencrvs.auth.caller import bearer_of
from mock_opencrvs.errors import HapiError
from mock_opencrvs.events.core import Core
from mock_opencrvs.http.gateway import Gateway
from testbed.serving import BY, OPERATION, faulty
from wire.opencrvs.ecma import dumpb

BUCKET = "ocrvs"


class Files:
    """A signed address opens one file, and needs no token."""

    def __init__(self, core: Core, gateway: Gateway) -> None:
        self._core, self._gateway = core, gateway
        self._secret = core.world.chance.bytes(16).hex()

    def routes(self) -> list[web.RouteDef]:
        faults = self._gateway.faults
        return [
            web.post("/upload", faulty(faults, "documents", self.upload)),
            web.get("/presigned-url/{path:.*}", faulty(faults, "documents", self.sign)),
            web.get(f"/{BUCKET}/{{path:.*}}", faulty(faults, "documents", self.read)),
        ]

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Multipart `file`, `transactionId`, `path`; answers the path as text."""
        request[OPERATION] = "upload"
        request[BY] = bearer_of(self._gateway.claims(request))
        content, name, told = None, "", {"path": ""}
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader):
                    continue
                if part.name == "file":
                    content, name = bytes(await part.read()), part.filename or ""
                else:
                    told[part.name or ""] = await part.text()
        except (ValueError, RuntimeError, LookupError, AssertionError):
            raise HapiError(400, "Invalid payload") from None
        if content is None or not name or "transactionId" not in told:
            raise HapiError(400, "Invalid payload")
        path = "/".join(filter(None, (told["path"], f"{told['transactionId']}.{name.split('.')[-1]}")))
        self._core.files[path] = content
        await self._core.persist()
        return web.Response(text=path, headers={"Cache-Control": "no-cache"})

    async def sign(self, request: web.Request) -> web.StreamResponse:
        """An address for whatever path it is: whether there is such a file, the store knows."""
        request[OPERATION] = "presigned-url"
        self._gateway.claims(request)
        path = request.match_info["path"].removeprefix("/").removeprefix(f"{BUCKET}/")
        where = f"{request.scheme}://{request.host}/{BUCKET}/{quote(path)}"
        answer = {"presignedURL": f"{where}?X-Amz-Signature={self._signature(path)}"}
        return web.Response(body=dumpb(answer), headers=self._gateway.headers())

    async def read(self, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = "file"
        path = request.match_info["path"]
        if request.query.get("X-Amz-Signature") != self._signature(path):
            return _refused(403, "SignatureDoesNotMatch")
        content = self._core.files.get(path)
        if content is None:
            return _refused(404, "NoSuchKey")
        return web.Response(body=content, content_type="application/octet-stream")

    def _signature(self, path: str) -> str:
        return hashlib.sha256(f"{self._secret}{path}".encode()).hexdigest()


def _refused(status: int, code: str) -> web.Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")

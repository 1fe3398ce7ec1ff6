"""Requests that are passed on to another server as they are: bodies in pieces both ways, bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from wire.http.client import NoAnswer, trust
from wire.world import World

_PIECE = 64 * 1024
_LIMIT = 64 * 1024 * 1024
"""Bytes of a body, either way: core's reindexing sends hundreds of records at once."""
_ONE_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "expect", "host"}
)
"""What concerns one connection alone (RFC 9110 §7.6.1), and what our client says anew."""


class NotPassedOn(NoAnswer):
    """The server gave no answer that could be passed on. `status` is what the caller gets."""

    def __init__(self, peer: str, status: int, what: str) -> None:
        super().__init__(peer, what)
        self.status = status


class Passing:
    """Of one server. Make it inside the running loop; close it at the end.

    `seconds`: how long it may take to begin its answer, and to go on with it.
    """

    def __init__(
        self, name: str, base: str, world: World, seconds: float, *, ca_file: Path | None = None
    ) -> None:
        self.name, self._base, self._clock, self._seconds = name, base, world.clock, seconds
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            # a streamed body cannot be sent again when a kept connection proves to be closed
            connector=aiohttp.TCPConnector(limit=0, force_close=True, ssl=trust(ca_file)),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
            auto_decompress=False,
        )

    async def pass_on(self, request: web.Request, body: bytes | None = None) -> web.StreamResponse:
        """Its answer, which the caller has when this returns; NotPassedOn when there is none.

        `body`: the request's, when it was read already. An answer that breaks off breaks off for the caller,
        too.
        """
        path = request.rel_url.raw_path_qs
        if not path.startswith("/"):
            raise NotPassedOn(self.name, 400, "the address is no path")
        if (request.content_length or 0) > _LIMIT:
            raise NotPassedOn(self.name, 413, f"the limit is {_LIMIT} bytes")
        sender = _Sender(request)
        content = (body if body is not None else sender.pieces()) if request.body_exists else None
        asked = self._session.request(
            request.method,
            URL(self._base + path, encoded=True),
            headers=_passed(request.headers),
            data=content,
            allow_redirects=False,
        )
        try:
            async with self._clock.timeout(self._seconds):
                answer = await asked
        except TimeoutError:
            if sender.awaited:
                raise NotPassedOn(self.name, 408, "the body did not come in time") from None
            raise NotPassedOn(self.name, 504, f"no answer within {self._seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if sender.too_much:
                raise NotPassedOn(self.name, 413, f"the limit is {_LIMIT} bytes") from None
            raise NotPassedOn(self.name, 502, f"no answer ({type(error).__name__})") from error
        try:
            return await self._answer(request, answer)
        finally:
            answer.close()

    async def _answer(self, request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(
            status=answer.status, reason=answer.reason, headers=_passed(answer.headers)
        )
        await response.prepare(request)
        sent = 0
        try:
            while True:
                async with self._clock.timeout(self._seconds):
                    piece = await answer.content.read(_PIECE)
                if not piece:
                    break
                sent += len(piece)
                if sent > _LIMIT:
                    raise aiohttp.ClientPayloadError("too large")
                await response.write(piece)
        except (TimeoutError, aiohttp.ClientError):
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response

    async def close(self) -> None:
        await self._session.close()


class _Sender:
    """The body as it comes, and whether it is what we wait for."""

    def __init__(self, request: web.Request) -> None:
        self._content = request.content
        self.awaited = self.too_much = False

    async def pieces(self) -> AsyncIterator[bytes]:
        passed = 0
        while True:
            self.awaited = True
            piece = await self._content.read(_PIECE)
            self.awaited = False
            if not piece:
                return
            passed += len(piece)
            if passed > _LIMIT:
                self.too_much = True
                raise ValueError("too large")
            yield piece


def _passed(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The headers without those of the one connection, repeated ones kept."""
    named = {name.strip().lower() for text in headers.getall(hdrs.CONNECTION, ()) for name in text.split(",")}
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in _ONE_HOP | named
    )

"""Calls out: one kept-alive session per peer, a time limit from the world's clock, bounded answers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from bridge.failure import Failed, retry_after
from wire.foreign_json import read_json
from wire.world import World

_ANSWER_LIMIT = 4 * 1024 * 1024


class PeerDown(Failed):
    """No usable answer: refused, reset, timed out or too large. The text names the peer, never what was
    sent.
    """

    def __init__(self, peer: str, what: str) -> None:
        super().__init__(f"{peer}: {what}")
        self.peer, self.what = peer, what


@dataclass(frozen=True)
class Answer:
    """What came back; any status. `wait` is its `Retry-After`, in seconds."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    wait: float | None = None

    @property
    def content_type(self) -> str | None:
        return self.headers.get("Content-Type")

    def json(self) -> Any:
        """The body as JSON; ValueError when it is none, or unfit."""
        return read_json(self.body)

    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


class Peer:
    """A server that the bridge calls. Make it inside the running loop; close it at the end."""

    def __init__(
        self, name: str, world: World, seconds: float, *, connections: int = 32, ca_file: Path | None = None
    ) -> None:
        self.name, self._clock, self._seconds = name, world.clock, seconds
        self._session = _session(
            aiohttp.TCPConnector(limit=connections, keepalive_timeout=60, ssl=trust(ca_file))
        )
        self._fresh = _session(aiohttp.TCPConnector(limit=connections, force_close=True, ssl=trust(ca_file)))

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float | None = None,
        follow: bool = False,
    ) -> Answer:
        """One exchange; PeerDown when there is no whole answer in time. Redirects are not followed unless
        asked.

        A kept-alive connection that the peer closes as we ask is no answer of its: the same is asked once
        more on a new connection. Every call of the bridge is one that its peer may see twice.
        """
        kept, whole = _Connection(), URL(url, encoded=True)

        def ask(session: aiohttp.ClientSession) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
            return session.request(
                method, whole, headers=headers, data=body, allow_redirects=follow, trace_request_ctx=kept
            )

        try:
            async with self._clock.timeout(seconds or self._seconds):
                try:
                    return await self._read(ask(self._session))
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                    if not kept.reused:
                        raise
                return await self._read(ask(self._fresh))
        except TimeoutError:
            raise PeerDown(self.name, f"no answer within {seconds or self._seconds:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PeerDown(self.name, f"{type(error).__name__}: {_safe(error)}") from error

    async def _read(self, asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Answer:
        async with asked as response:
            content = await response.content.read(_ANSWER_LIMIT + 1)
            while len(content) <= _ANSWER_LIMIT and (more := await response.content.read(_ANSWER_LIMIT)):
                content += more
            if len(content) > _ANSWER_LIMIT:
                raise PeerDown(self.name, f"the answer is larger than {_ANSWER_LIMIT} bytes")
            wait = retry_after(response.headers, self._clock.now())
            return Answer(response.status, response.headers, content, wait)

    async def close(self) -> None:
        await self._session.close()
        await self._fresh.close()


class _Connection:
    """What one call saw of its connection."""

    reused = False


async def _note_reuse(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.reused = True


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    reuse = aiohttp.TraceConfig()
    reuse.on_connection_reuseconn.append(_note_reuse)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None),
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[reuse],
    )


@cache
def trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    """Under which authorities https servers are believed: the system's, and those of the file.

    Read once, for all peers: a file of all authorities takes a tenth of a second, and there are ten readers.
    """
    if ca_file is None:
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context


def _safe(error: Exception) -> str:
    """What went wrong without the URL, whose path may hold an id."""
    return "" if isinstance(error, aiohttp.InvalidURL) else str(error)[:200]

"""Calls out: kept-alive connections to one peer, a time limit from the world's clock, bounded answers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from wire.foreign_json import read_json
from wire.world import Clock, World

LONGEST_ASKED = 900.0
"""Seconds that a peer may make us wait with its `Retry-After`."""
_ANSWER_LIMIT = 4 * 1024 * 1024


class NoAnswer(Exception):
    """No usable answer: refused, reset, timed out or too large. The text names the peer, never what was
    sent; `what` is the text without the name.
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


@dataclass(frozen=True)
class Reply:
    """What became of a call: an answer of any status; or status None, and `why` no answer came."""

    status: int | None
    body: bytes = b""
    why: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status is not None and self.status < 400

    @property
    def text(self) -> str:
        """The body; why there is none."""
        return self.why or self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON; ValueError when it is none, or unfit."""
        return read_json(self.body)


class HttpClient:
    """A caller of one peer. Make it inside the running loop; close it at the end.

    `seconds`: the limit of a call, None waits for ever. `connections`: at once; 0 sets no limit. `repeats`: a
    kept-alive connection that the peer closes as we ask is no answer of its, and the same is asked once more
    on a new one; for calls that the peer may see twice.
    """

    def __init__(
        self,
        name: str,
        world: World,
        seconds: float | None,
        *,
        connections: int = 32,
        ca_file: Path | None = None,
        repeats: bool = True,
        answer_limit: int = _ANSWER_LIMIT,
    ) -> None:
        self.name, self._clock, self._seconds, self._limit = name, world.clock, seconds, answer_limit
        self._session = _session(connections, ca_file, keepalive_timeout=60)
        self._fresh = _session(connections, ca_file, force_close=True) if repeats else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def call(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float | None = None,
        follow: bool = False,
    ) -> Answer:
        """One exchange; NoAnswer when there is no whole answer in time. Redirects are not followed unless
        asked.
        """
        limit, made = seconds or self._seconds, _Made()
        _under_way.set(made)

        def ask(session: aiohttp.ClientSession) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
            target = url if isinstance(url, URL) else URL(url, encoded=True)
            return session.request(method, target, headers=headers, data=body, allow_redirects=follow)

        try:
            async with self._clock.timeout(limit):
                try:
                    return await self._read(ask(self._session))
                except aiohttp.ClientConnectorError:
                    raise
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                    if made.connection or self._fresh is None:
                        raise
                return await self._read(ask(self._fresh))
        except TimeoutError:
            raise NoAnswer(self.name, f"no answer within {limit or 0:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(self.name, f"{type(error).__name__}: {_safe(error)}") from error

    async def reply(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float | None = None,
    ) -> Reply:
        """The same for those to whom no answer is an answer, too: it raises nothing."""
        try:
            answer = await self.call(method, url, headers=headers, body=body, seconds=seconds)
        except NoAnswer as none:
            return Reply(None, why=none.what)
        return Reply(answer.status, answer.body, headers=answer.headers)

    async def lines(self, url: str) -> AsyncIterator[str]:
        """The lines of an endless answer as they come, until the peer ends it; NoAnswer when it breaks off or
        is not 200.
        """
        try:
            async with self._session.get(url) as answer:
                if answer.status != 200:
                    raise NoAnswer(self.name, f"answers {answer.status}")
                async for line in answer.content:
                    yield line.decode(errors="replace").strip()
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(self.name, f"{type(error).__name__}: {_safe(error)}") from error

    async def _read(self, asked: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Answer:
        async with asked as response:
            content = bytearray()
            while len(content) <= self._limit and (more := await response.content.read(self._limit + 1)):
                content += more
            if len(content) > self._limit:
                raise NoAnswer(self.name, f"the answer is larger than {self._limit} bytes")
            wait = _retry_after(response.headers, self._clock)
            return Answer(response.status, response.headers, bytes(content), wait)

    async def close(self) -> None:
        await self._session.close()
        if self._fresh is not None:
            await self._fresh.close()


@dataclass
class _Made:
    """What a call made: whether a connection of its own."""

    connection: bool = False


_under_way: ContextVar[_Made] = ContextVar("what the call under way has made")


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """As aiohttp makes one. Its tracing would tell of a new connection too, at a tenth of a call's cost."""
    if (made := _under_way.get(None)) is not None:
        made.connection = True
    family, kind, protocol, _, _ = address
    return socket.socket(family, kind, protocol)


def _session(connections: int, ca_file: Path | None, **kept: Any) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=connections, ssl=trust(ca_file), socket_factory=_socket, **kept)
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
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
    # which Python 3.13 asks for, and neither Node nor curl: what authorities of a country often lack
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds that `Retry-After` asks for, as a number or as a date (RFC 9110 §10.2.3); None when it is
    absent or makes no sense. At most LONGEST_ASKED.
    """
    if "Retry-After" not in headers:
        return None
    text = headers["Retry-After"].strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_ASKED)
    at = http_date(text)
    return None if at is None else min(max((at - clock.now()).total_seconds(), 0.0), LONGEST_ASKED)


def http_date(text: str) -> datetime | None:
    """The instant that a header tells in one of the three forms of RFC 9110 §5.6.7; None when it is none."""
    try:
        at = parsedate_to_datetime(text)
        # the form of asctime names no zone, and is UTC wherever this runs
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _safe(error: Exception) -> str:
    """What went wrong without the URL, whose path may hold an id."""
    return "" if isinstance(error, aiohttp.InvalidURL) else str(error)[:200]

"""One address before several bridges, for what the ID system sends: each connection goes to the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count


@asynccontextmanager
async def balancer(ports: Callable[[], Sequence[int]]) -> AsyncIterator[str]:
    """Its address, while it listens. `ports`: those of the bridges at that moment; one may not be up."""
    turns, pipes = count(), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, turn = ports(), next(turns)
        for at in range(len(there)):
            with suppress(OSError):
                behind, to = await asyncio.open_connection("127.0.0.1", there[(turn + at) % len(there)])
                break
        else:
            writer.close()
            return
        for source, sink in ((reader, to), (behind, writer)):
            pipe = asyncio.create_task(_pipe(source, sink))
            pipes.add(pipe)
            pipe.add_done_callback(pipes.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while content := await source.read(65536):
                sink.write(content)
                await sink.drain()
    finally:
        sink.close()

"""How the people of a stage call the servers."""

from __future__ import annotations

from wire.http.client import HttpClient
from wire.world import World

_CONNECTIONS = 500
"""As many clicks at once as the servers' queues of new connections take."""
_PATIENCE_SECONDS = 7200.0
"""How long somebody waits for an answer: longer than anything a story plays."""
_LARGEST = 64 * 1024 * 1024


def caller(world: World) -> HttpClient:
    """Many calls at once, none of them repeated: a story may count them."""
    return HttpClient(
        "the server", world, _PATIENCE_SECONDS, connections=_CONNECTIONS, repeats=False, answer_limit=_LARGEST
    )

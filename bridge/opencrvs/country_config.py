"""The country's own server behind the bridge (BRIDGE_COUNTRY_CONFIG_URL): asked what it adds to an answer.

It is asked as core would ask it, at the same path with the same token and body; its 200 amends ours with a
number, fields of the declaration, an annotation (contract opencrvs §1.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.calls.failure import Failed, by_status
from bridge.calls.peer import Peer, object_in
from bridge.errors import BridgeError
from bridge.registration import Amendment
from bridge.settings import Settings
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.procedures import trigger_path
from wire.world import World

_NO_HANDLER = (404, 405, 501)


class CountryDown(Failed):
    """The country's server cannot say now."""


@dataclass(eq=False)
class CountryDecides(BridgeError):
    """The country's server does not leave it to us: it says no (400), or takes it on itself (202)."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.body.get("reason") or f"the country config answered {self.status}")


class CountryConfig:
    """Its client. Made inside the running loop."""

    def __init__(self, settings: Settings, world: World) -> None:
        self._base = settings.country_config_url
        self.peer = Peer("the country config", settings, world, CountryDown)

    @property
    def is_there(self) -> bool:
        return self._base is not None

    async def amendment(self, event: EventDocument, action: str, token: str) -> Amendment:
        """What it adds; nothing when it has no handler for the action. CountryDown, CountryDecides."""
        url = f"{self._base}{trigger_path(event['type'], action)}"
        answer = await self.peer.call("POST", url, bearer=token, content=event)
        said = object_in(answer) or {}  # core, too, takes what is no JSON for an empty body
        if answer.status in _NO_HANDLER:
            return Amendment()
        if answer.status in (202, 400):
            raise CountryDecides(answer.status, said)
        if answer.status != 200:
            raise CountryDown(by_status("the country config", answer.status, answer.wait))
        number, declaration, annotation = (
            said.get(name) for name in ("registrationNumber", "declaration", "annotation")
        )
        return Amendment(
            number=number if isinstance(number, str) and number else None,
            declaration=declaration if isinstance(declaration, dict) else {},
            annotation=annotation if isinstance(annotation, dict) else None,
        )

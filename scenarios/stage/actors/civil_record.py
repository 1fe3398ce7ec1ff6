"""A record as a story holds it: what was declared, and what OpenCRVS shows of it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_opencrvs.families import Family
from scenarios.story import Unmet
from wire.opencrvs import state
from wire.opencrvs.documents import EventDocument
from wire.opencrvs.profiles import Profile

Reader = Callable[[str], Awaitable[EventDocument]]


@dataclass
class CivilRecord:
    """One event in OpenCRVS. The questions read the record each time they are asked."""

    event_id: str
    tracking_id: str
    family: Family
    """What was declared."""
    profile: Profile
    reader: Reader
    transactions: dict[str, str] = field(default_factory=dict)
    """Action type → the transaction id that the browser used, for a retry of the same request."""

    @property
    def name(self) -> str:
        return self.family.name

    @property
    def what(self) -> str:
        return f"the {self.family.event_type} of {self.name}"

    async def document(self) -> EventDocument:
        return await self.reader(self.event_id)

    async def status(self) -> str:
        return str(state.status(await self.document()))

    async def flags(self) -> list[str]:
        return list(state.flags(await self.document(), self.profile))

    async def number(self) -> str | None:
        """The registration number, once registered."""
        return state.registration_number(await self.document())

    async def values(self) -> dict[str, Any]:
        """The declaration as it stands, amendments included."""
        return dict(state.declaration(await self.document(), profile=self.profile))

    async def national_id(self) -> str | None:
        found = (await self.values()).get(f"{self.family.subject}.nid")
        return None if found is None else str(found)

    async def has_national_id(self) -> bool:
        return await self.national_id() is not None

    def has(self, values: Mapping[str, Any]) -> Callable[[], Awaitable[bool]]:
        """The question whether the declaration as it stands has these values."""

        async def so() -> bool:
            now = await self.values()
            return all(now.get(field) == value for field, value in values.items())

        return so

    async def is_registered(self) -> bool:
        return await self.status() == "REGISTERED"

    async def is_waiting(self) -> bool:
        """Pending external validation: a registration was asked for and not answered."""
        return "register:requested" in await self.flags()

    async def has_open_action(self) -> bool:
        """Whether any action was asked for and not answered."""
        return any(flag.endswith(":requested") for flag in await self.flags())

    async def has_none_open(self) -> bool:
        return not await self.has_open_action()

    async def was_rejected(self) -> bool:
        """Whether the last action of some kind was rejected."""
        return any(flag.endswith(":rejected") for flag in await self.flags())

    async def is_rejected(self) -> bool:
        return "register:rejected" in await self.flags()

    async def action_id(self) -> str:
        """The id of the newest request for registration; Unmet when there is none."""
        for action in reversed((await self.document())["actions"]):
            if action["type"] == "REGISTER" and action["status"] == "Requested":
                return str(action["id"])
        raise Unmet(f"record {self.tracking_id} has no requested REGISTER")

    async def acceptances(self) -> int:
        """How many accepted registrations the record holds."""
        rows = (await self.document())["actions"]
        return sum(row["type"] == "REGISTER" and row["status"] == "Accepted" for row in rows)

    async def rejection_reason(self) -> str:
        """What the registrar reads in a declaration that was sent back; empty when it does not say."""
        for row in reversed((await self.document())["actions"]):
            if row["type"] == "REJECT" and row.get("content"):
                return str(row["content"].get("reason") or "")
        return ""

    async def seen(self) -> str:
        """What OpenCRVS shows now, for a message."""
        shown = f"status {await self.status()}, flags [{', '.join(await self.flags())}]"
        number = await self.number()
        return f"{shown}, number {number}" if number else shown

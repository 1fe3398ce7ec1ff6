"""What we know of each subscription at the hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.store import statements
from bridge.store.lanes import Lane
from bridge.store.rows import instant, to_ms
from bridge.store.sessions import Session


@dataclass(frozen=True)
class Subscription:
    """`pending_mode` is the request whose challenge may come, `lease_seconds` what the hub announced with
    it.
    """

    topic: str
    callback: str
    secret_print: str
    pending_mode: str | None = None
    pending_until: datetime | None = None
    confirmed_at: datetime | None = None
    denied_reason: str | None = None
    lease_seconds: int | None = None


class Subscriptions:
    """One row a topic."""

    def __init__(self, writer: Lane, lookups: Lane) -> None:
        self._writer, self._lookups = writer, lookups

    async def of(self, topic: str) -> Subscription | None:
        row = await self._lookups.run(lambda session: session.first(statements.SUBSCRIBED, {"wanted": topic}))
        if row is None:
            return None
        values = dict(row)
        for name in ("pending_until", "confirmed_at"):
            values[name] = instant(values[name])
        return Subscription(**values)

    async def write(self, subscription: Subscription) -> None:
        values = {
            f"new_{name}": to_ms(value) if isinstance(value, datetime) else value
            for name, value in vars(subscription).items()
        }

        def unit(session: Session) -> None:
            session.run(statements.FORGET, {"wanted": subscription.topic})
            session.run(statements.SUBSCRIBE, values)

        await self._writer.run(unit)

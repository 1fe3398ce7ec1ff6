"""The first line of a registration in the store; and what a question about one that is settled means."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bridge.advice import Stuck
from bridge.calls.failure import Failed
from bridge.calls.kept_token import expiry
from bridge.nid import IdSystem
from bridge.opencrvs.client import OpenCRVS
from bridge.opencrvs.confirmation import SETTLED
from bridge.registration import Act, PacketIdTaken, Registration, Secrets
from bridge.store.store import Store

DRAWS = 8
"""Packet ids that are tried: the ten digits of the style `prefix` meet now and then."""


class Record:
    """Idempotent on (event, action)."""

    def __init__(self, store: Store, nid: IdSystem, opencrvs: OpenCRVS) -> None:
        self._store, self._nid, self._opencrvs = store, nid, opencrvs
        self._log = structlog.get_logger("bridge")

    async def add(
        self, new: Registration, secrets: Secrets, note: str, *, lease: float | None = None
    ) -> tuple[Registration, bool]:
        """`Store.add`, with another packet id when the drawn one is taken; PacketIdTaken when all were."""
        for _ in range(DRAWS - 1):
            try:
                return await self._store.add(new, secrets, note, lease=lease)
            except PacketIdTaken:
                new = replace(new, packet_id=self._nid.new_packet_id())
                self._log.info("packet id drawn again", registration=new.id, packet=new.packet_id)
        return await self._store.add(new, secrets, note, lease=lease)

    async def asked_again(self, registration: Registration, token: str | None) -> Registration:
        """Look at the record. Where it does not show the action as settled, a person decides.

        OpenCRVS repeats itself, or it has forgotten. Giving the answer of then is not safe: after a rehearsal
        that repeats ids the record is somebody else's (contract opencrvs §0.4 row 26), and would get another
        person's national ID.
        """
        asked = replace(registration, token_expires_at=expiry(token) if token else None)
        try:
            seen = await self._opencrvs.look(asked, token)
        except Failed as down:
            words = str(down)
        else:
            if seen.result in SETTLED:
                return registration
            words = seen.words
        moved = await self._store.move(
            registration.id,
            Act.ASK_AGAIN,
            f"asked again after {registration.state.value}",
            expected=registration.state,
            secrets=Secrets(token=token),
            token_expires_at=asked.token_expires_at,
            settled_at=None,
            reason=Stuck.SETTLED_BEFORE.value,
            last_error=words,
        )
        self._log.warning(
            "stuck",
            registration=registration.id,
            reason=Stuck.SETTLED_BEFORE.value,
            was=registration.state.value,
        )
        return moved

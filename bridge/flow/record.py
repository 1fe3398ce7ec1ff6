"""The first line of a registration in the store, under a packet id that no other one has."""

from __future__ import annotations

from dataclasses import replace

from bridge.flow.work import Flow
from bridge.registration import PacketIdTaken, Registration, Secrets

DRAWS = 8
"""Packet ids that are tried: the ten digits of the style `prefix` meet now and then."""


async def record(
    flow: Flow, new: Registration, secrets: Secrets, note: str, *, lease: float | None = None
) -> tuple[Registration, bool]:
    """`Store.add`, with another packet id when the drawn one is taken; PacketIdTaken when all were."""
    for _ in range(DRAWS - 1):
        try:
            return await flow.store.add(new, secrets, note, lease=lease)
        except PacketIdTaken:
            new = replace(new, packet_id=flow.parts.nid.new_packet_id())
            flow.log.info("packet id drawn again", registration=new.id, packet=new.packet_id)
    return await flow.store.add(new, secrets, note, lease=lease)

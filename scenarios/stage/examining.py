"""What a stage shows to the judge: documents, exchanges and rows of its servers, put together as evidence."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from scenarios.events import Lane
from scenarios.judging import gathering
from scenarios.judging.evidence import Delivery, Evidence
from scenarios.stage.participants import CREDENTIALS

if TYPE_CHECKING:
    from scenarios.stage.stage import Stage


async def evidence_of(stage: Stage) -> Evidence:
    """Everything that can be seen on this stage now."""
    servers = stage.servers
    opencrvs, nid = servers.opencrvs, servers.nid
    clock = {lane: servers.clocks[lane].corrected for lane in (Lane.OPENCRVS, Lane.NID)}
    records = tuple(
        gathering.record_of(document, stage.profile, clock[Lane.OPENCRVS]) for document in opencrvs.records
    )
    identities = tuple(gathering.identities_in(nid.registrations, nid.people))
    genuine, forged = gathering.messages_in(nid.journal, clock[Lane.NID])
    exchanges = (*servers.past, *opencrvs.journal)
    return Evidence(
        at=stage.world.clock.now(),
        records=records,
        questions=tuple(gathering.questions_in(exchanges, clock[Lane.OPENCRVS])),
        identities=identities,
        deliveries=tuple(genuine),
        forgeries=(*forged, *stage.stranger.forgeries),
        waiting=tuple(await stage.operator.entries()),
        decisions=tuple(stage.operator.decisions),
        log=tuple(stage.logbook.lines),
        unseen=stage.unseen(),
        secrets=(*gathering.secrets_of(records, identities), *CREDENTIALS),
    )


def deliveries_of(stage: Stage, packets: Collection[str]) -> list[Delivery]:
    """What the hub sent about these packets, genuine, whether it arrived or not."""
    genuine, _ = gathering.messages_in(stage.servers.nid.journal)
    return [one for one in genuine if one.registration_id in packets and one.means == "issued"]

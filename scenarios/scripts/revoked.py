"""An identity is revoked and reinstated."""

from __future__ import annotations

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system deactivates an identity and activates it again",
    learns="MOSIP has no way yet to tell the civil registry; on reactivation it issues the credential "
    "anew. The registration is not to be touched by either.",
    good_bridge="Changes nothing in OpenCRVS on its own: the birth stays registered with the number that it "
    "has.",
    tags=("birth", "async", "revocation"),
    ranked=(20,),
    needs=(Need.NID,),
)
async def revoked(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    await stage.registrar.registers(birth)
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    before = await birth.document()
    packet = stage.packet_of(birth)
    stage.id_system.sets_status(packet, "DEACTIVATED")
    await stage.passes(days(1))
    stage.id_system.sets_status(packet, "ACTIVATED")
    await stage.id_system.delivers_again(packet, fresh=True)
    await stage.passes(days(1))
    await stage.check(
        "the record is what it was",
        await birth.document() == before,
        await birth.seen(),
        shows="MOSIP-CRD-13",
    )

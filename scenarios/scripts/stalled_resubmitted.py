"""The ID system never answers; the second try does."""

from __future__ import annotations

from scenarios.library import Need, story
from scenarios.stage import Stage, days


@story(
    title="The ID system loses a packet, and an operator submits it again",
    learns="A lost packet need not become a rejected birth: the same registration can be sent again.",
    good_bridge="Takes the stuck record up again when told to, and ends with one identity and one acceptance.",
    tags=("birth", "async", "stuck"),
    ranked=(1,),
    needs=(Need.CLOCK, Need.NID, Need.OPERATOR),
    client=True,
)
async def stalled_resubmitted(stage: Stage) -> None:
    stage.id_system.will("stall")
    birth = await stage.registrar.declares_birth()
    await stage.registrar.registers(birth)
    await stage.until_stuck(birth, within=days(30))
    stage.tells("The ID system's team mends the packet")
    await stage.id_system.decides(stage.packet_of(birth), "issue")
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1)
    await stage.check("the operator's list is empty", await stage.operator.has_nothing_to_do())

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The credential comes again later, under a new event id",
    learns="MOSIP sends a credential anew whenever one is issued for the person: the event id says "
    "nothing about whether it is old news.",
    good_bridge="Recognises the registration, not only the event, and lets nothing happen to a finished "
    "record.",
    tags=("birth", "async", "delivery"),
    ranked=(4,),
    needs=(Need.NID,),
)
async def duplicates_under_new_ids(stage: Stage) -> None:
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    before = await birth.document()
    packet = stage.packet_of(birth)
    for fresh in (False, True, True):
        await stage.id_system.delivers_again(packet, fresh=fresh)
    await stage.passes(days(1))
    await stage.check("the record is what it was", await birth.document() == before, shows="MOSIP-HUB-13")
    await stage.check("there is one acceptance", await birth.acceptances() == 1, shows="MOSIP-HUB-13")

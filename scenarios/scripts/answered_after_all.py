from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system answers after the bridge has given up waiting",
    learns="A stuck record need not become a rejected birth: an answer may still come, weeks later.",
    good_bridge="Takes the answer that comes late after all, and ends with one identity and one acceptance.",
    tags=("birth", "async", "stuck"),
    ranked=(1,),
    needs=(Need.NID,),
    client=True,
)
async def answered_after_all(stage: Stage) -> None:
    stage.id_system.will("stall")
    birth = await stage.registrar.registers_birth()
    if stage.operator.unseen:
        await stage.passes(days(30))
    else:
        await stage.until_stuck(birth, within=days(30))
    stage.tells("The ID system's team mends the packet")
    await stage.id_system.decides(stage.packet_of(birth), "issue")
    await stage.until("the record is registered", birth.is_registered, within=days(1), shows="FIELD-END-04")
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1, shows="FIELD-END-04")
    await stage.check("the operator's list is empty", await stage.operator.has_nothing_to_do())

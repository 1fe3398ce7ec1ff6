from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system refuses the packet for good",
    learns="A packet whose schema is wrong is refused at every try. Trying for ever is silence with a log.",
    good_bridge="Tells refusals from outages, stops at once, and lists the record with the code that MOSIP "
    "gave.",
    tags=("birth", "async", "stuck"),
    ranked=(10,),
    needs=(Need.NID, Need.OPERATOR),
)
async def packet_refused(stage: Stage) -> None:
    stage.id_system.breaks("packet.create", "mosip-error", code="KER-KPM-002", message="The schema is broken")
    birth = await stage.registrar.registers_birth()
    entry = await stage.until_stuck(birth, within=days(1), shows="MOSIP-PKT-10")
    await stage.check(
        "because the packet was refused", "refused" in entry.reason, entry.reason, shows="MOSIP-PKT-10"
    )
    stage.tells("The ID system's team mends the schema")
    await stage.operator.retries(birth)
    await stage.until("the record is registered", birth.is_registered, within=days(1))

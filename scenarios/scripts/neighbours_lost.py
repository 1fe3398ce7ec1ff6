from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, story


@story(
    title="The hub drops the messages that came with a damaged one",
    learns="When a delivery is answered with an error, MOSIP's hub leaves the rest of its batch out and "
    "never comes back to it. One damaged message silences records that have nothing to do with it.",
    good_bridge="Refuses the damaged message, and asks the ID system about every packet that is silent.",
    tags=("birth", "async", "delivery"),
    ranked=(12,),
    needs=(Need.NID, Need.POLLS),
)
async def neighbours_lost(stage: Stage) -> None:
    stage.id_system.breaks("hub.deliver", "slow", seconds=4)
    births = []
    for forge in (None, "wrong-signature", None, None):
        stage.id_system.will("issue", after=minutes(5), forge=forge)
        birth = await stage.registrar.registers_birth()
        births.append(birth)
    for birth in births:
        await stage.until("its message was sent or dropped", stage.told_of(birth), within=hours(1))
    dropped = [birth for birth in births if stage.id_system.skipped(stage.packet_of(birth))]
    # a bridge that answers 2xx to a message that it does not believe loses no neighbours
    if stage.ours:
        await stage.check("the hub has dropped what was in order", births[2] in dropped, f"{len(dropped)}")
    for birth in births:
        await stage.until(
            f"{birth.name} is registered all the same",
            birth.is_registered,
            within=days(2),
            shows="MOSIP-HUB-19",
        )

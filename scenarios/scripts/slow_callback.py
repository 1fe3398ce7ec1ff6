from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The bridge answers the hub too late, and the neighbours' messages are lost",
    learns="The hub waits ten seconds, tries three times more, and then leaves out the whole batch that it "
    "had fetched: other records wait, with whom nothing was wrong.",
    good_bridge="Keeps what it was sent, also when its answer came too late; and finds by asking what never "
    "arrived.",
    tags=("birth", "async", "delivery", "outage"),
    ranked=(12,),
    needs=(Need.NID, Need.CLOCK, Need.SETTINGS),
    ours="the lateness is made in our own bridge, and cannot be forced on another's; what follows from"
    " it is played in neighbours_lost and callback_lost, and a late answer is seen in "
    "others_packets",
    bridge={"call_seconds": 90},
    mock_nid={"hub_timeout_seconds": 10},
)
async def slow_callback(stage: Stage) -> None:
    stage.tells("The ID system's key page hangs: the bridge cannot check a credential")
    stage.id_system.breaks("public-key", "hang", seconds=60, count=None)
    births = [await stage.registrar.declares_birth() for _ in range(3)]
    for birth in births:
        stage.id_system.will("issue", after=hours(1))
        await stage.registrar.registers(birth)
    await stage.passes(hours(1.1))
    lost = [birth for birth in births if stage.id_system.skipped(stage.packet_of(birth))]
    await stage.check("the hub has left a neighbour's message out", bool(lost))
    stage.id_system.mends("public-key")
    for birth in births:
        await stage.until(
            f"{birth.name} is registered all the same",
            birth.is_registered,
            within=days(1),
            shows="MOSIP-HUB-19",
        )
        await stage.check("with one acceptance", await birth.acceptances() == 1)

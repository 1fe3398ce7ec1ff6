from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The bridge is killed right after it has answered the hub",
    learns="With its 2xx the bridge takes over: the hub will not send the credential again. What was not on "
    "disk at that moment is gone, and nobody notices.",
    good_bridge="Writes the delivery down, then answers the hub. After a restart it goes on from what it has "
    "written.",
    tags=("birth", "async", "outage", "delivery"),
    ranked=(6,),
    needs=(Need.RESTART, Need.NID, Need.OPENCRVS),
)
async def killed_after_delivery(stage: Stage) -> None:
    await stage.bridge.restarts()
    stage.tells(
        "No key can be fetched, nothing confirmed, nothing asked: what is delivered can only be stored"
    )
    stage.id_system.breaks("public-key", "status", status=503, count=None)
    stage.id_system.answers_no_question()
    stage.opencrvs.breaks("accept", "status", status=503, count=None)
    stage.id_system.will("issue", after=hours(2))
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the hub has an answer", lambda: any(one.status for one in stage.deliveries(birth)), within=days(1)
    )
    taken = any(one.status and one.status < 300 for one in stage.deliveries(birth))
    await stage.bridge.stops(kill=True)
    stage.id_system.mends("public-key")
    stage.opencrvs.mends("accept")
    await stage.bridge.starts()
    if not taken:
        stage.tells("The bridge had not taken the delivery: it is sent again")
        await stage.id_system.delivers_again(stage.packet_of(birth), fresh=True)
    await stage.until(
        "the record is registered",
        birth.is_registered,
        within=days(1),
        shows="MOSIP-HUB-12",
        means="The bridge answers the hub before it has stored the delivery: a crash in between loses the "
        "credential for good.",
    )
    await stage.check("there is one acceptance", await birth.acceptances() == 1)

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="The credential is delivered three times",
    learns="The hub of MOSIP repeats deliveries after a restart or a slow answer. The second copy must "
    "do nothing.",
    good_bridge="Knows a delivery by its event and registration, answers every copy with 2xx, and accepts "
    "once.",
    tags=("birth", "async", "delivery", "basics"),
    ranked=(4,),
    needs=(Need.NID,),
)
async def duplicate_delivery(stage: Stage) -> None:
    stage.id_system.will("issue", copies=3, gap=minutes(10))
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    before = await birth.number(), await birth.national_id()
    await stage.until("all three copies were sent", lambda: len(stage.deliveries(birth)) >= 3, within=days(1))
    await stage.passes(minutes(5))
    await stage.check(
        "number and national ID are what they were",
        before == (await birth.number(), await birth.national_id()),
        shows="MOSIP-HUB-13",
    )
    await stage.check("there is one acceptance", await birth.acceptances() == 1, shows="MOSIP-HUB-13")
    statuses = [delivery.status for delivery in stage.deliveries(birth)]
    taken = all(status is not None and 200 <= status < 300 for status in statuses)
    await stage.check("every copy was answered with 2xx", taken, str(statuses), shows="MOSIP-HUB-14")

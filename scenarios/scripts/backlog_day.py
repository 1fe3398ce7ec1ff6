from collections import Counter

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The ID system is away for six hours of a busy day",
    learns="The backlog must drain by itself when the ID system is back, the oldest not last, and "
    "without knocking it over again.",
    good_bridge="Stops knocking while nobody is there, then works the backlog off; every registration once.",
    tags=("birth", "async", "load", "outage"),
    ranked=(19,),
    needs=(Need.NID,),
)
async def backlog_day(stage: Stage) -> None:
    stage.id_system.goes_down()
    first = await stage.registrar.registers_birth()
    before = stage.id_system.knocks()
    await stage.passes(hours(2))
    alone = stage.id_system.knocks() - before
    await stage.check(
        "the bridge has not knocked a hundred times for one record",
        alone < 100,
        f"{alone} calls",
        shows="MOSIP-PKT-13",
    )
    births = await stage.registrar.declares_births(stage.up_to(5000))
    answers = await stage.registrar.registers_all(births)
    await stage.check("OpenCRVS takes them all", all(answer.ok for answer in answers))
    before = stage.id_system.knocks()
    await stage.passes(hours(6))
    knocks = stage.id_system.knocks() - before
    await stage.check(
        "the bridge has not knocked a thousand times meanwhile",
        knocks < 1000,
        f"{knocks} calls",
        shows="MOSIP-PKT-13",
    )
    stage.id_system.comes_back()
    await stage.until(
        "the backlog is worked off",
        stage.all_registered([first, *births]),
        within=days(1),
        shows="FIELD-END-05",
    )
    by_name = Counter(registration.packet.name for registration in stage.id_system.registrations)
    packets = {by_name[birth.name] for birth in births}
    await stage.check("with one packet each", packets == {1}, str(packets), shows="MOSIP-PKT-07")

from collections import Counter

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story

TESTED_AT = 22
"""Packets a second that the ID system was tested with; beyond it answers 429."""


@story(
    title="What has waited is drained at the ID system's own pace",
    learns="An ID system comes back from an outage weak, and was tested at some packets a second. A bridge "
    "that pours in all that has waited is turned away, or knocks it over again.",
    good_bridge="Keeps below the pace that it was told, the oldest first and new ones between; nothing is "
    "refused, and everything is registered in the time that it told.",
    tags=("birth", "async", "load", "outage"),
    ranked=(19,),
    needs=(Need.NID, Need.SETTINGS),
    bridge={"rate": "nid=20"},
)
async def drained_at_a_pace(stage: Stage) -> None:
    stage.id_system.takes_at_most(TESTED_AT)
    stage.id_system.goes_down()
    births = await stage.registrar.declares_births(stage.up_to(5000))
    answers = await stage.registrar.registers_all(births)
    await stage.check("OpenCRVS takes them all", all(answer.ok for answer in answers))
    await stage.passes(hours(6))
    stage.id_system.comes_back()
    await stage.until(
        "the backlog is worked off", stage.all_registered(births), within=days(1), shows="FIELD-END-05"
    )
    a_minute = Counter(registration.packet.created_at[:16] for registration in stage.id_system.registrations)
    curve = " ".join(str(count) for _, count in sorted(a_minute.items()))
    stage.tells(f"packets a minute: {curve}")
    refused = stage.id_system.turned_away()
    await stage.check("nothing was turned away", refused == 0, f"{refused} calls answered 429")
    await stage.check("one packet was made of each", sum(a_minute.values()) == len(births))

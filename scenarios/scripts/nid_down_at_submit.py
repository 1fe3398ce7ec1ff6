from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The ID system is down when the birth is registered",
    learns="The registrar must not feel it: a morning without the ID system is a queue in the bridge, "
    "not a row of errors on the screen.",
    good_bridge="Records the registration first, answers 202, and submits when the ID system is back: one "
    "packet, not one per try.",
    tags=("birth", "async", "outage", "basics"),
    ranked=(1,),
    needs=(Need.NID,),
)
async def nid_down_at_submit(stage: Stage) -> None:
    stage.id_system.goes_down()
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check(
        "OpenCRVS takes the registration all the same", answer.ok, answer.error, shows="OCRVS-ANS-13"
    )
    await stage.check("the record waits", birth.is_waiting, await birth.seen(), shows="OCRVS-ANS-15")
    await stage.passes(hours(6))
    await stage.check("no packet got through yet", not stage.packets_of(birth))
    stage.id_system.comes_back()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    await stage.check("one packet was made of it", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

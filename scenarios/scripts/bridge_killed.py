from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="The bridge is killed at every step of the way",
    learns="Machines restart, also at the worst moment. What was in memory only is gone.",
    good_bridge="Writes each step down before it acts on it: after every restart it goes on where it was, and"
    " nothing happens twice.",
    tags=("birth", "async", "outage"),
    ranked=(6,),
    needs=(Need.RESTART, Need.NID, Need.OPENCRVS),
)
async def bridge_killed(stage: Stage) -> None:
    stage.tells("First: between the 202 and the packet")
    stage.id_system.goes_down()
    first = await stage.registrar.registers_birth()
    await stage.bridge.stops(kill=True)
    stage.id_system.comes_back()
    await stage.bridge.starts()
    await stage.until(
        "the first record is registered", first.is_registered, within=days(1), shows="FIELD-CRA-01"
    )

    stage.tells("Then: between the packet and the credential")
    stage.id_system.will("issue", after=minutes(30))
    second = await stage.registrar.registers_birth()
    await stage.until(
        "the packet is with the ID system", lambda: bool(stage.packets_of(second)), within=days(1)
    )
    await stage.bridge.stops(kill=True)
    await stage.passes(minutes(5))
    await stage.bridge.starts()
    await stage.until(
        "the second record is registered", second.is_registered, within=days(1), shows="FIELD-CRA-02"
    )

    stage.tells("Last: between the credential and the confirmation")
    stage.opencrvs.breaks("accept", "status", status=503, count=None)
    before = stage.acceptances_tried()
    third = await stage.registrar.registers_birth()
    await stage.until("the credential is delivered", lambda: bool(stage.deliveries(third)), within=days(1))
    await stage.comes_about(lambda: stage.acceptances_tried() > before, minutes(5))
    await stage.bridge.stops(kill=True)
    stage.opencrvs.mends("accept")
    await stage.bridge.starts()
    await stage.until(
        "the third record is registered", third.is_registered, within=days(1), shows="FIELD-CRA-03"
    )
    for record in (first, second, third):
        await stage.check(
            f"one packet for {record.name}", len(stage.packets_of(record)) == 1, shows="MOSIP-PKT-07"
        )
        await stage.check("and its national ID", bool(await record.national_id()), shows="OCRVS-ACC-21")

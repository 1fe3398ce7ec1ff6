from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="OpenCRVS's question never arrives, and its second try asks nobody",
    learns="A proxy's 502 in the wrong moment leaves a record waiting of which the bridge has never heard. "
    "OpenCRVS tries again without a call, shows success, and has the record in no queue until it is opened.",
    good_bridge="Cannot know. It lists what it has, so that a missing record stands out; and takes the "
    "registration when the administrator has ended the old question and the registrar asks anew.",
    tags=("birth", "async", "outage", "stuck"),
    ranked=(2,),
    needs=(Need.OPENCRVS, Need.NID),
)
async def trigger_never_arrives(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    stage.opencrvs.breaks("trigger", "lose")
    answer = await stage.registrar.registers(birth)
    await stage.check("the registrar sees an error", not answer.ok)
    again = await stage.registrar.retries(birth)
    await stage.check("the second try looks like a success", again.ok, again.error)
    await stage.passes(days(3))
    await stage.check("three days later the record waits", birth.is_waiting, await birth.seen())
    await stage.check("in no queue", birth.event_id not in await stage.registrar.queue())
    stage.tells("The family asks, and somebody opens the record")
    await stage.registrar.opens(birth)
    waiting = set(await stage.registrar.queue())
    await stage.check("now it is in the queue", waiting == {birth.event_id}, shows="FIELD-END-06")
    if not stage.operator.unseen:
        listed = {entry.event_id for entry in await stage.operator.entries()}
        await stage.check("and the bridge's list lacks it", birth.event_id not in listed)
    await stage.check("the ID system has never heard of it", not stage.packets_of(birth))

    await stage.registrar.gives_back(birth)
    await stage.administrator.ends_waiting(birth)
    await stage.check("the record is marked as rejected", birth.is_rejected, await birth.seen())
    anew = await stage.registrar.mends_and_registers(birth)
    await stage.check("the registrar may ask anew", anew.ok, anew.error, shows="OCRVS-TRG-17")
    await stage.until("and the record is registered", birth.is_registered, within=days(1))
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

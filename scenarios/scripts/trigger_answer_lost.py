from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The bridge's answer is lost, and the browser tries again",
    learns="OpenCRVS keeps the question, shows an error, and never asks again: its second try answers "
    "“fine” without a call. Such records wait in silence.",
    good_bridge="Has recorded the question before it answered, and goes on without being asked twice.",
    tags=("birth", "async", "outage"),
    ranked=(2,),
    needs=(Need.OPENCRVS,),
)
async def trigger_answer_lost(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    stage.opencrvs.breaks("trigger", "reset")
    answer = await stage.registrar.registers(birth)
    await stage.check("the registrar sees an error", not answer.ok)
    await stage.check("and the record waits all the same", birth.is_waiting, await birth.seen())
    again = await stage.registrar.retries(birth)
    await stage.check("the second try looks like a success", again.ok, again.error)
    await stage.registrar.gives_back(birth)
    await stage.until("the record is registered", birth.is_registered, within=days(1), shows="OCRVS-TRG-14")
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")
    await stage.check("there is one acceptance", await birth.acceptances() == 1)

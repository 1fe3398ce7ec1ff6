from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="A death is registered while the ID system is down for two days",
    learns="A burial does not wait. The registry takes the death; the ID system learns of it when it is "
    "back.",
    good_bridge="Answers 202 and delivers the news later: one packet, one registration.",
    tags=("death", "async", "outage"),
    ranked=(13,),
    needs=(Need.NID, Need.PERSON),
)
async def death_nid_down(stage: Stage) -> None:
    stage.id_system.goes_down()
    record = await stage.registrar.declares_death(stage.known_person)
    answer = await stage.registrar.registers(record)
    await stage.check("OpenCRVS takes the death", answer.ok, answer.error, shows="OCRVS-ANS-13")
    await stage.passes(hours(48))
    stage.id_system.comes_back()
    await stage.until("the death is registered", record.is_registered, within=days(1), shows="MOSIP-DTH-08")
    await stage.check("there is one packet", len(stage.packets_of(record)) == 1, shows="MOSIP-DTH-08")

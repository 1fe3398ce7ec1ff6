from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A death is forwarded, and registered when the ID system has processed it",
    learns="Stock MOSIP issues no credential for a death: only the workflow event says that it is done.",
    good_bridge="Completes a death on the workflow event, prints no national ID, and accepts a credential if "
    "this ID system sends one.",
    tags=("death", "async", "basics"),
    ranked=(13,),
    needs=(Need.PERSON,),
)
async def death(stage: Stage) -> None:
    record = await stage.registrar.registers_death(stage.known_person)
    await stage.until("the death is registered", record.is_registered, within=days(1), shows="MOSIP-DTH-05")
    await stage.check(
        "the packet was a CRVS_DEATH",
        stage.packet_of(record).packet.process == "CRVS_DEATH",
        shows="MOSIP-PKT-11",
    )
    fields, known = stage.packet_of(record).packet.fields, stage.known_person
    sent = fields.get("UIN", known)  # a UIN may stand for the VID that was declared
    await stage.check(
        "about the one who died and nobody else",
        sent == known or len(sent) != len(known),
        shows="MOSIP-DTH-10",
    )
    died = str(record.family.declaration["eventDetails.date"]).replace("-", "/")
    await stage.check(
        "with the day of death that was declared",
        fields.get("dateOfDeath") in (died, None),
        f"{fields.get('dateOfDeath')}, not {died}",
        shows="MOSIP-PKT-15",
    )
    await stage.check("it carries a registration number", bool(await record.number()), shows="MOSIP-DTH-05")

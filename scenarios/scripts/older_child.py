from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story

_LACKS = "this bridge applies for nobody at pre-registration"


@story(
    title="A child of two years is registered, and applied for at a registration centre",
    learns="Where a newborn gets an identity by the register alone, an older child has to come in person. "
    "The registration must not wait for that, and the family must not start at the centre from nothing.",
    good_bridge="Makes one pre-registration application with the registration number in it, no packet, "
    "with the record's documents, and registers the child without a national ID, also when the ID system is "
    "away in between.",
    tags=("birth", "policy", "application"),
    profiles=("2.0", "2.1"),
    needs=(Need.NID,),
    country="uganda",
)
async def older_child(stage: Stage) -> None:
    today = stage.world.clock.now().date()
    born = today.replace(year=today.year - 2).isoformat()
    slip = await stage.registrar.scans("hospital slip.png")
    family = stage.registrar.families.birth().changed(
        child__dob=born, child__reason="Born far away", documents__proofOfBirth=slip
    )
    stage.id_system.knows(family, "mother", "father")
    stage.id_system.goes_down()
    birth = await stage.registrar.declares(family)
    await stage.registrar.registers(birth)
    await stage.passes(days(1))
    stage.needs(not await birth.is_registered(), _LACKS)
    await stage.check("the record waits", birth.is_waiting, await birth.seen())
    stage.id_system.comes_back()
    await stage.until("the child is registered", birth.is_registered, within=days(1), shows="FIELD-POL-03")
    applied = stage.id_system.applications_for(await birth.number())
    stage.needs(bool(applied) or stage.id_system.was_asked_for_applications(), _LACKS)
    await stage.check("there is one application", applied == 1, f"{applied}", shows="FIELD-POL-03")
    sent = stage.id_system.documents_for(await birth.number())
    await stage.check("with the hospital's slip", sent == ["POB"], f"{sent}", shows="FIELD-POL-03")
    await stage.check("and no packet", not stage.packets_of(birth), shows="FIELD-POL-02")
    await stage.check("nor a national ID", await birth.national_id() is None, shows="FIELD-POL-02")

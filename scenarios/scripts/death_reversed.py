from scenarios.stage.credentials import KNOWN_PERSON
from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A person whose death was registered is alive, and the ID system takes the mark of death away",
    learns="MOSIP's guide, exceptional scenarios, *Reversal of Death Declaration*: the mark is taken away by "
    "manual verification, by default without a word to the civil registry. The wrong registration is to be "
    "dealt with in OpenCRVS, and the true death, years later, must still be taken.",
    good_bridge="Leaves the first registration as it is, and registers the later death as any other.",
    tags=("death", "async", "revocation"),
    ranked=(20,),
    needs=(Need.NID,),
)
async def death_reversed(stage: Stage) -> None:
    wrong = await stage.registrar.registers_death(KNOWN_PERSON)
    await stage.until("the death is registered", wrong.is_registered, within=days(1))
    before = await wrong.document()
    await stage.check("it is noted", stage.id_system.status_of(KNOWN_PERSON) == "DECEASED")
    case = stage.id_system.is_asked("reverse-death", KNOWN_PERSON, "she came to the office")
    await stage.passes(days(2))
    stage.id_system.verifies(case)
    await stage.check("the mark is gone", stage.id_system.status_of(KNOWN_PERSON) == "ACTIVATED")
    await stage.passes(days(1))
    await stage.check(
        "the record is what it was",
        await wrong.document() == before,
        await wrong.seen(),
        shows="MOSIP-DTH-09",
    )
    true = await stage.registrar.registers_death(KNOWN_PERSON)
    await stage.until("the later death is registered", true.is_registered, within=days(1))
    await stage.check("and noted", stage.id_system.status_of(KNOWN_PERSON) == "DECEASED")

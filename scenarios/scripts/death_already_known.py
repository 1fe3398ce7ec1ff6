from scenarios.stage.credentials import KNOWN_PERSON
from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A second death is declared of a person whose ID is deactivated already",
    learns="The hospital and the family both declare. The ID system says no to the second one, minutes "
    "later and without a reason in the message; the first registration must not feel it.",
    good_bridge="Rejects the second record with the reason that it looked up, and leaves the first one be.",
    tags=("death", "async", "rejection"),
    ranked=(13,),
    needs=(Need.NID,),
    mock_nid={"deactivate_on_death": True},
)
async def death_already_known(stage: Stage) -> None:
    hospital = await stage.registrar.registers_death(KNOWN_PERSON)
    await stage.until("the hospital's record is registered", hospital.is_registered, within=days(1))
    before = await hospital.document()
    stage.id_system.will("fail", code="RPR-UIN-FAILED-003")
    family = await stage.registrar.registers_death(KNOWN_PERSON)
    await stage.until(
        "the family's record is marked as rejected", family.is_rejected, within=days(1), shows="MOSIP-DTH-07"
    )
    await stage.check("it has no registration number", await family.number() is None)
    await stage.check(
        "the hospital's record is what it was", await hospital.document() == before, shows="MOSIP-DTH-07"
    )

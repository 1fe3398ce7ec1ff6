from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="Many births at once, answered in any order",
    learns="The worst mistake is silent: a child who carries another child's number.",
    good_bridge="Matches every answer by packet, subject and number, whatever order they come in.",
    tags=("birth", "async", "load"),
    ranked=(15,),
    needs=(Need.NID,),
)
async def crosstalk(stage: Stage) -> None:
    many, chance = stage.up_to(500), stage.world.chance
    for _ in range(many):
        stage.id_system.will_quietly(
            "issue",
            after=minutes(chance.random() * 120),
            copies=chance.choice((1, 1, 1, 2)),
            hold=minutes(chance.random() * 10),
        )
    births = await stage.registrar.declares_births(many)
    answers = await stage.registrar.registers_all(births)
    await stage.check("OpenCRVS takes them all", all(answer.ok for answer in answers))
    await stage.until(
        "all are registered", stage.all_registered(births), within=days(2), shows="FIELD-OWN-02"
    )
    numbers = {await birth.number() for birth in births}
    national_ids = {await birth.national_id() for birth in births}
    await stage.check("there are as many registration numbers", len(numbers) == many, shows="FIELD-OWN-02")
    await stage.check("and as many national IDs", len(national_ids - {None}) == many, shows="FIELD-OWN-02")

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The mother died in childbirth, and her national ID is deactivated already",
    learns="ID authentication says no to a number that has ended. A dead mother is still a mother: her child "
    "must not stay unregistered because of it.",
    good_bridge="Knows that answer from the others, and goes on; a number of nobody is another matter.",
    tags=("birth", "verification", "policy"),
    needs=(Need.NID,),
    country="uganda",
)
async def deactivated_mother(stage: Stage) -> None:
    family = stage.registrar.families.birth()
    stage.id_system.knows(family, "mother", status="DEACTIVATED")
    stage.id_system.knows(family, "father")
    birth = await stage.registrar.declares(family, validates=False)
    await stage.registrar.asks_for(birth)
    await stage.until("the action has its answer", birth.has_none_open, within=days(2))
    stage.needs(stage.id_system.was_asked_about_people(), "this bridge verifies nobody at ID authentication")
    await stage.check(
        "it is not rejected", not await birth.was_rejected(), await birth.seen(), shows="FIELD-VER-04"
    )
    if not await birth.is_registered():
        await stage.registrar.registers(birth)
    await stage.until("the child is registered", birth.is_registered, within=days(2), shows="FIELD-VER-04")

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="One record waits twice: when it is validated, and when it is registered",
    learns="A country that waits at more than one action has more than one thing in flight for a record, "
    "each with an id and a token of its own.",
    good_bridge="Keeps the two apart: each is accepted once, by its own token, and the second does not ask "
    "again what the first was told.",
    tags=("birth", "verification", "async"),
    needs=(Need.NID,),
    country="uganda",
)
async def waits_twice(stage: Stage) -> None:
    family = stage.registrar.families.birth()
    stage.id_system.knows(family, "mother", "father")
    stage.id_system.stops_authenticating()
    birth = await stage.registrar.declares(family, validates=False)
    await stage.registrar.validates(birth)
    asked = await stage.comes_about(stage.id_system.was_asked_about_people, within=minutes(5))
    stage.needs(asked, "this bridge verifies nobody when a record is validated")
    await stage.check("the validation waits", birth.has_open_action, await birth.seen(), shows="FIELD-VER-01")
    stage.id_system.mends("ida")
    await stage.until("it is accepted", birth.has_none_open, within=days(1), shows="FIELD-VER-05")
    stage.id_system.will("issue", after=days(2))
    await stage.registrar.registers(birth)
    await stage.check("the registration waits", birth.is_waiting, await birth.seen(), shows="FIELD-VER-05")
    await stage.until("the record is registered", birth.is_registered, within=days(4), shows="FIELD-VER-05")
    await stage.check("once", await birth.acceptances() == 1, await birth.seen(), shows="FIELD-VER-05")
    await stage.check(
        "the mother was asked about once",
        stage.id_system.verdicts_on(family, "mother") == 1,
        shows="FIELD-VER-02",
    )

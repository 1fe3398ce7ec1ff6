from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The mother's national ID number does not exist, and the registrar is told so",
    learns="A slip of the pen in a number is the most common fault of all. Who only sees “rejected” "
    "cannot mend it; who reads whose number it is can.",
    good_bridge="Rejects the action with words: which person, and what is wrong. It takes the mended record.",
    tags=("birth", "verification", "rejection"),
    needs=(Need.NID,),
    country="uganda",
)
async def unknown_number(stage: Stage) -> None:
    family = stage.registrar.families.birth()
    stage.id_system.knows(family, "mother", "father")
    *right, last = family.declaration["mother.nid"]
    slip = family.changed(mother__nid="".join([*right, str((int(last) + 1) % 10)]))
    birth = await stage.registrar.declares(slip, validates=False)
    await stage.registrar.asks_for(birth)
    await stage.until("the action has its answer", birth.has_none_open, within=days(1))
    stage.needs(stage.id_system.was_asked_about_people(), "this bridge verifies nobody at ID authentication")
    await stage.check("the action is rejected", birth.was_rejected, await birth.seen(), shows="FIELD-VER-03")
    if stage.record_tokens:
        await stage.until_still(birth)
        reason = await birth.rejection_reason()
        await stage.check("the registrar reads why", bool(reason), shows="FIELD-VER-03")
        stage.tells(f"The registrar reads: {reason}")
    birth.family = family
    await stage.registrar.mends(birth)
    await stage.until(
        "what was mended is accepted", birth.has_none_open, within=days(1), shows="OCRVS-ANS-17"
    )
    await stage.registrar.registers(birth)
    await stage.until("the mended record is registered", birth.is_registered, within=days(2))
    await stage.check("with one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

from scenarios.stage.stage import Stage, days
from scenarios.story import story


@story(
    title="A registered birth is corrected",
    learns="A correction must not make a second identity: the child has one already.",
    good_bridge="Lets the correction through, and sends no second CRVS_NEW packet for the child.",
    tags=("birth", "correction"),
    ranked=(14,),
)
async def correction(stage: Stage) -> None:
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    number, national_id = await birth.number(), await birth.national_id()
    await stage.registrar.corrects(birth, {"child.weightAtBirth": 3.9})
    await stage.passes(days(1))
    values = await birth.values()
    await stage.check(
        "the correction is in the record", values.get("child.weightAtBirth") == 3.9, await birth.seen()
    )
    await stage.check(
        "number and national ID are what they were",
        (number, national_id) == (await birth.number(), await birth.national_id()),
        shows="OCRVS-ACC-37",
    )
    await stage.check(
        "the ID system was asked about the child once",
        len(stage.asked_about(birth)) == 1,
        shows="MOSIP-PKT-07",
    )

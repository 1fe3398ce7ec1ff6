from scenarios.stage.stage import Stage
from scenarios.story import story


@story(
    title="The deceased never had a national ID",
    learns="Not every death concerns the ID system. A missing number must not keep a death from being "
    "registered.",
    good_bridge="Registers at once, with a registration number, and sends no packet.",
    tags=("death", "sync"),
    ranked=(13, 18),
)
async def death_without_id(stage: Stage) -> None:
    record = await stage.registrar.declares_death(None)
    answer = await stage.registrar.registers(record)
    await stage.check(
        "it is registered at once",
        record.is_registered,
        answer.error or await record.seen(),
        shows="OCRVS-ANS-12",
    )
    await stage.check("the ID system was not asked", not stage.packets_of(record), shows="FIELD-POL-02")

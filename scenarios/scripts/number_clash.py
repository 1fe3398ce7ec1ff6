from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="Another record already has the registration number",
    learns="OpenCRVS holds numbers unique over the whole country and answers a clash with 500, like any "
    "accident. A policy that counts per office will clash.",
    good_bridge="Does not try for ever: it lists the record with what OpenCRVS said, and a person decides.",
    tags=("birth", "async", "stuck"),
    ranked=(16,),
    needs=(Need.NID, Need.OPENCRVS, Need.OPERATOR),
    client=True,
)
async def number_clash(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    number = f"{stage.world.clock.now().year}B{birth.tracking_id}"
    stage.opencrvs.imports_record_with_number(birth, number)
    await stage.registrar.registers(birth)
    entry = await stage.until_stuck(birth, within=days(20), shows="OCRVS-ACC-31")
    await stage.check(
        "with a reason and what can be done", bool(entry.reason and entry.remedies), shows="OCRVS-ACC-31"
    )
    await stage.operator.rejects(birth, "The registration number is taken")
    await stage.until("the record is marked as rejected", birth.is_rejected, within=days(1))

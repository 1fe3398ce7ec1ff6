from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="Two offices count their registrations from 0001, and OpenCRVS knows only one 0001",
    learns="People know their number as 0001 of the year at their office. OpenCRVS holds numbers unique over "
    "the whole country and answers the second 0001 with 500: the office must be a part of the number.",
    good_bridge="Writes down which record has which number before it tells anybody, gives none twice, and "
    "counts for each office and year by itself when the pattern names them.",
    tags=("birth", "async", "policy"),
    ranked=(16,),
    needs=(Need.SETTINGS, Need.RESTART, Need.OPERATOR, Need.NID, Need.OPENCRVS, Need.CLOCK),
    bridge={"number_template": "{sequence:04}/{year}"},
    client=True,
)
async def counted_numbers(stage: Stage) -> None:
    year = stage.world.clock.now().year
    ibombo, isamba = stage.registrar, stage.registrar.colleague("t.banda")

    stage.tells("the pattern does not name the office, and Isamba has counted on paper until today")
    clash = await ibombo.declares_birth()
    stage.opencrvs.imports_record_with_number(clash, f"0001/{year}")
    await ibombo.registers(clash)
    await stage.until_stuck(clash, within=days(20), shows="OCRVS-ACC-31")
    await stage.operator.rejects(clash, "The registration number is taken")
    await stage.until("the record is marked as rejected", clash.is_rejected, within=days(1))
    await ibombo.mends_and_registers(clash)
    await stage.until(
        "registered again, it gets the next number", clash.is_registered, within=days(1), shows="FIELD-NUM-02"
    )
    await stage.check(
        "which is 0002", await clash.number() == f"0002/{year}", await clash.seen(), shows="FIELD-NUM-02"
    )

    await stage.bridge.restarts(number_template="{office}/{sequence:04}/{year}", office_codes=OFFICES)
    births = await ibombo.declares_births(3)
    others = await isamba.declares_births(2)
    await ibombo.registers_all(births)
    await isamba.registers_all(others)
    await stage.bridge.stops(kill=True)
    await stage.bridge.starts()
    everyone = stage.all_registered([*births, *others])
    await stage.until("the births of both offices are registered", everyone, within=days(2))
    numbers = sorted([str(await birth.number()) for birth in (*births, *others)])
    counted = [f"IB/000{n}/{year}" for n in (1, 2, 3)] + [f"IS/000{n}/{year}" for n in (1, 2)]
    await stage.check(
        "each office has counted from 0001", numbers == counted, ", ".join(numbers), shows="FIELD-NUM-01"
    )

    moved = "The family moved here"
    older = await isamba.registers_birth(child__dob=f"{year - 12}-02-03", child__reason=moved)
    await stage.check("a child of twelve is registered at once", older.is_registered, await older.seen())
    number = await older.number()
    await stage.check("and counted as well", number == f"IS/0003/{year}", str(number))


OFFICES = "b3d1c2aa-0000-4000-8000-00000000000f=IB,b3d1c2aa-0000-4000-8000-000000000010=IS"
"""Ibombo and Isamba."""

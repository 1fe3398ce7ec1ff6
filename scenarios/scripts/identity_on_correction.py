from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A child without a national ID gets one by a correction",
    learns="Where a parent must be verified first, children are registered without a national ID and get it "
    "later, when the record is corrected. The second correction must not make a second one.",
    good_bridge="Answers the correction 202, asks for one identity, and confirms the correction with it; the "
    "registration number stays.",
    tags=("birth", "correction", "policy"),
    ranked=(14,),
    profiles=("2.0", "2.1"),  # 1.9 drops what the answer to an approval brings (contract opencrvs §6.4)
    needs=(Need.NID, Need.SETTINGS),
    bridge={"child_under_years": 1},
)
async def identity_on_correction(stage: Stage) -> None:
    today = stage.world.clock.now().date()
    two = today.replace(year=today.year - 2)
    late = "The family lived abroad"
    birth = await stage.registrar.registers_birth(child__dob=two.isoformat(), child__reason=late)
    await stage.check("the child is registered at once", birth.is_registered, await birth.seen())
    number = await birth.number()
    await stage.check("without a national ID", await birth.national_id() is None)
    await stage.check("and without a packet", not stage.packets_of(birth), shows="FIELD-POL-02")

    stage.tells("The date was wrong by two years: the child is one of those who get an identity")
    born = today.replace(day=1).isoformat()
    await stage.registrar.corrects(birth, {"child.dob": born})
    await stage.until(
        "the correction brings a national ID", birth.has_national_id, within=days(1), shows="OCRVS-ACC-38"
    )
    given = await birth.national_id()
    await stage.registrar.corrects(birth, {"child.weightAtBirth": 3.2})
    await stage.passes(days(1))
    await stage.check(
        "another correction changes none of it",
        (await birth.national_id(), await birth.number()) == (given, number),
        await birth.seen(),
        shows="OCRVS-ACC-38",
    )
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1, shows="OCRVS-ACC-38")

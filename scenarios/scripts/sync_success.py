from scenarios.stage.stage import Stage
from scenarios.story import Need, story


@story(
    title="The ID system answers at once and the birth is registered on the spot",
    learns="Where the ID system is quick, the registrar sees number and national ID before the family "
    "leaves.",
    good_bridge="Asks the ID system while OpenCRVS waits, and answers 200 with the registration number and "
    "the amended declaration.",
    tags=("birth", "sync", "basics"),
    needs=(Need.SYNC,),
    bridge={"mode": "sync"},
)
async def sync_success(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS tells the registrar that it is done", answer.ok, answer.error)
    await stage.check(
        "the record is registered", birth.is_registered, await birth.seen(), shows="OCRVS-ANS-10"
    )
    number, national_id = await birth.number(), await birth.national_id()
    await stage.check("it carries a registration number", bool(number), shows="OCRVS-ANS-10")
    await stage.check(
        "and the child's national ID",
        bool(national_id),
        shows="OCRVS-ANS-14",
        means="The 200 brings no national ID in its declaration: the child is registered without one, and "
        "OpenCRVS asks no second time.",
    )
    await stage.check(
        "nothing is left to do for the bridge", await stage.operator.has_nothing_to_do(), shows="OCRVS-ANS-16"
    )

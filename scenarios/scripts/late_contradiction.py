from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A rejection after the issue, and an issue after the rejection",
    learns="OpenCRVS takes the first word and answers the second with 500 or 400. The two systems then "
    "differ, and somebody must know.",
    good_bridge="Lets the first word stand, changes nothing in OpenCRVS, and does not fall over.",
    tags=("birth", "async", "rejection", "delivery"),
    ranked=(11,),
    needs=(Need.NID,),
)
async def late_contradiction(stage: Stage) -> None:
    issued = await stage.registrar.registers_birth()
    await stage.until("the first record is registered", issued.is_registered, within=days(1))
    before = await issued.document()
    stage.id_system.publishes_completed(stage.packet_of(issued), "REJECTED")
    await stage.passes(days(1))
    await stage.check(
        "it stays registered, untouched",
        await issued.document() == before,
        await issued.seen(),
        shows="OCRVS-ACC-30",
    )

    stage.id_system.will("reject")
    refused = await stage.registrar.registers_birth()
    await stage.until("the second record is marked as rejected", refused.is_rejected, within=days(1))
    stage.id_system.publishes_completed(stage.packet_of(refused), "PROCESSED")
    await stage.passes(days(1))
    await stage.check("it stays rejected", refused.is_rejected, await refused.seen(), shows="OCRVS-ACC-30")

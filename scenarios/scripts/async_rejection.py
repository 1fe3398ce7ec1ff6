from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system rejects after two days and the registrar sees it",
    learns="MOSIP tells of rejections on another topic than of credentials, and without a reason. Who "
    "does not listen there leaves the record waiting for ever.",
    good_bridge="Listens to the workflow event as well, looks the reason up, and rejects in OpenCRVS so that "
    "the record comes back to the registrar.",
    tags=("birth", "async", "rejection", "basics"),
    ranked=(11,),
    needs=(Need.NID,),
)
async def async_rejection(stage: Stage) -> None:
    stage.id_system.will("reject", after=days(2))
    birth = await stage.registrar.registers_birth()
    await stage.check("the record waits for the ID system", stage.waits(birth), await birth.seen())
    await stage.until(
        "the record is marked as rejected",
        birth.is_rejected,
        within=days(3),
        shows="MOSIP-WFL-09 OCRVS-ACC-26",
        means="Rejections of the ID system never reach the registrar: such a record waits for ever.",
    )
    await stage.until_still(birth)
    if stage.record_tokens:
        await stage.check(
            "the registrar is told why",
            bool(await birth.rejection_reason()),
            await birth.seen(),
            shows="OCRVS-ACC-32",
            means="The record comes back without a word: nobody knows what to mend.",
        )
    await stage.check("it has no registration number", await birth.number() is None, shows="OCRVS-ACC-27")
    await stage.check("it has left the waiting queue", birth.event_id not in await stage.registrar.queue())

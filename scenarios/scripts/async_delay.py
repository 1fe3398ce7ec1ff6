from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system reviews for eight days, then issues",
    learns="A review may outlast the seven days of OpenCRVS's token. Without a second way to confirm, "
    "every such record needs a person.",
    good_bridge="Answers 202 at once, keeps everything on disk, and confirms exactly once when the credential"
    " comes, with a system client where the stored token has run out.",
    tags=("birth", "async", "basics"),
    ranked=(5,),
    needs=(Need.NID,),
    client=True,
)
async def async_delay(stage: Stage) -> None:
    stage.id_system.will("issue", after=days(8))
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error, shows="OCRVS-TRG-10")
    await stage.check(
        "the record waits for the ID system", stage.waits(birth), await birth.seen(), shows="OCRVS-TRG-11"
    )
    queued = birth.event_id in await stage.registrar.queue()
    await stage.check(
        "the registrar finds it in the queue “in external validation”",
        queued or not await birth.is_waiting(),
        shows="OCRVS-QUE-01",
    )
    await stage.passes(days(4))
    await stage.check(
        "after four days it still waits",
        stage.waits(birth),
        await birth.seen(),
        means="The bridge decided before the ID system had said anything.",
    )
    await stage.until("the record is registered", birth.is_registered, within=days(5), shows="OCRVS-ACC-20")
    await stage.check(
        "with a national ID",
        bool(await birth.national_id()),
        shows="OCRVS-ACC-21",
        means="The acceptance brings no national ID in its declaration: the child is registered without one.",
    )
    await stage.check(
        "and it has left the queue", birth.event_id not in await stage.registrar.queue(), shows="OCRVS-QUE-01"
    )

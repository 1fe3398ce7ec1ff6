from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, story


@story(
    title="Ten credentials come at once while OpenCRVS answers 500",
    learns="The upstream mediator lost five of ten, and its process. The hub has thanked for none of them "
    "twice.",
    good_bridge="Stores each of them, answers the hub, and confirms all when OpenCRVS is well again.",
    tags=("birth", "async", "outage", "delivery"),
    ranked=(3, 19),
    needs=(Need.NID, Need.OPENCRVS),
)
async def delivery_burst(stage: Stage) -> None:
    stage.opencrvs.breaks("accept", "status", status=500, count=None)
    births = await stage.registrar.declares_births(10)
    for _ in births:
        stage.id_system.will_quietly("issue", after=minutes(10))
    answers = await stage.registrar.registers_all(births)
    await stage.check("OpenCRVS takes them all", all(answer.ok for answer in answers))
    for birth in births:
        await stage.until(f"the credential of {birth.name} was sent", stage.told_of(birth), within=days(1))
    await stage.passes(hours(1))
    stage.opencrvs.mends("accept")
    await stage.until(
        "all are registered", stage.all_registered(births), within=days(1), shows="OCRVS-ACC-24"
    )
    counts = [await birth.acceptances() for birth in births]
    await stage.check("each with one acceptance", counts == [1] * len(births), str(counts))

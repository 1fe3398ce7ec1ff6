from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The credential comes in the same moment as the packet goes",
    learns="A mock, or a quiet day, answers before the 202 has reached OpenCRVS. Who writes the row down"
    " after sending is too late.",
    good_bridge="Has the registration on disk before anybody can answer it; OpenCRVS may be told at once.",
    tags=("birth", "async", "delivery"),
    ranked=(8,),
    needs=(Need.NID,),
)
async def instant_answer(stage: Stage) -> None:
    stage.id_system.always("issue", after=0)
    births = [await stage.registrar.declares_birth() for _ in range(12)]
    answers = await stage.registrar.registers_all(births)
    await stage.check(
        "OpenCRVS takes them all",
        all(a.ok for a in answers),
        next((a.error for a in answers if not a.ok), ""),
    )
    await stage.until(
        "all are registered", stage.all_registered(births), within=days(1), shows="MOSIP-CRD-12"
    )
    counts = [await birth.acceptances() for birth in births]
    await stage.check("each with one acceptance", counts == [1] * len(births), str(counts))

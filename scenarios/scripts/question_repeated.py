from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="OpenCRVS's question arrives twice",
    learns="A proxy that heard no answer sends a request again. It is the same action: the mediator "
    "answers 500 "
    "to it, or makes a second packet.",
    good_bridge="Knows the action that it has recorded, answers as before, and asks the ID system once.",
    tags=("birth",),
    ranked=(2,),
    needs=(Need.OPENCRVS, Need.NID),
)
async def question_repeated(stage: Stage) -> None:
    stage.id_system.always("issue")
    birth = await stage.registrar.declares_birth()
    stage.opencrvs.breaks("trigger", "duplicate")
    answer = await stage.registrar.registers(birth)
    await stage.check(
        "the second time is answered as the first", answer.ok, answer.error, shows="OCRVS-TRG-20"
    )
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    await stage.passes(days(1))
    asked = stage.asked_about(birth)
    await stage.check("the ID system was asked once", len(asked) == 1, shows="MOSIP-PKT-07")
    await stage.check("there is one acceptance", await birth.acceptances() == 1, shows="OCRVS-ACC-22")

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="OpenCRVS answers with errors when the record is to be confirmed",
    learns="A restart, an overload or a proxy shows itself as 500, 502 or 401. None of them is a verdict"
    " on the record.",
    good_bridge="Treats every one of them as “not yet”, and when the acceptance got through although its "
    "answer did not, sees that it is done.",
    tags=("birth", "async", "outage"),
    ranked=(3,),
    needs=(Need.OPENCRVS,),
)
async def opencrvs_refuses_at_confirm(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    stage.opencrvs.breaks("accept", "status", status=500, count=2)
    stage.opencrvs.breaks("accept", "status", status=502, body="<html>Bad Gateway</html>", count=1)
    stage.opencrvs.breaks("accept", "status", status=401, count=1)
    stage.opencrvs.breaks("accept", "truncated-body", count=1)
    await stage.registrar.registers(birth)
    await stage.until("the record is registered", birth.is_registered, within=days(2), shows="OCRVS-ACC-23")
    if not stage.operator.unseen:
        await stage.until(
            "the bridge knows that it is done",
            stage.operator.has_nothing_to_do,
            within=days(2),
            shows="OCRVS-ACC-25",
        )
    await stage.check("there is one acceptance", await birth.acceptances() == 1, shows="OCRVS-ACC-25")

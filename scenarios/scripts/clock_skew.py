from datetime import timedelta

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Actor, Need, story

_PARTIES = (Actor.OPENCRVS, Actor.NID)


@story(
    title="Each party's clock is half a minute fast, then half a minute slow",
    learns="A token that was issued “in the future” is refused by a strict check, and nobody thinks of "
    "the clock.",
    good_bridge="Grants a small leeway to what others have signed, and none to what has long expired.",
    tags=("birth", "async", "clock"),
    ranked=(22,),
    needs=(Need.NID, Need.OPENCRVS),
)
async def clock_skew(stage: Stage) -> None:
    for party in (*_PARTIES, *((Actor.BRIDGE,) if stage.ours else ())):
        for error in (minutes(0.5), -minutes(0.5)):
            await stage.clock_is_wrong(party, error)
            birth = await stage.registrar.declares_birth()
            answer = await stage.registrar.registers(birth)
            await stage.check(
                "OpenCRVS takes the registration", answer.ok, answer.error, shows="OCRVS-TRG-18"
            )
            await stage.until(
                "the record is registered", birth.is_registered, within=days(1), shows="FIELD-CLK-01"
            )
        await stage.clock_is_wrong(party, timedelta())

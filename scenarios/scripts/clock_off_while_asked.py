from datetime import timedelta

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Actor, Need, story


@story(
    title="The ID system's clock is off while OpenCRVS waits for its answer",
    learns="MOSIP takes a question only within a minute of its own time, and refuses others in the words of "
    "a wrong input. Read as a refusal of the person, that sends families home because of a clock.",
    good_bridge="Tells a wrong time from a wrong person: it does not answer 400, keeps the question, and "
    "confirms by itself when the clocks agree.",
    tags=("birth", "sync", "clock", "outage"),
    ranked=(22,),
    needs=(Need.SYNC, Need.NID),
    bridge={"mode": "sync"},
    client=True,
)
async def clock_off_while_asked(stage: Stage) -> None:
    for error in (minutes(0.5), -minutes(0.5)):
        await stage.clock_is_wrong(Actor.NID, error)
        birth = await stage.registrar.registers_birth()
        await stage.check("half a minute is no matter", birth.is_registered, await birth.seen())
    for error in (minutes(3), -minutes(3)):
        await stage.clock_is_wrong(Actor.NID, error)
        birth = await stage.registrar.registers_birth()
        await stage.check(
            "nobody is rejected because of the time",
            birth.is_waiting,
            await birth.seen(),
            shows="OCRVS-ANS-15",
        )
        await stage.clock_is_wrong(Actor.NID, timedelta())
        await stage.registrar.gives_back(birth)
        await stage.until(
            "with the right time the record is registered",
            birth.is_registered,
            within=days(1),
            shows="FIELD-CLK-02",
        )

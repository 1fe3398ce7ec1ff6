from datetime import timedelta

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story

_AT_ONCE = timedelta(seconds=10)
"""A registrar's browser, a proxy and the mediator's client give up after fifteen (contract opencrvs §1.5)."""


@story(
    title="The ID system needs twelve seconds to take a packet",
    learns="OpenCRVS waits for the country's answer without a limit, the registrar and the proxies "
    "between do "
    "not. What they gave up stays pending, and is never asked again.",
    good_bridge="Answers 202 before it speaks to the ID system.",
    tags=("birth", "async", "outage"),
    ranked=(2,),
    needs=(Need.NID,),
)
async def slow_id_system(stage: Stage) -> None:
    stage.id_system.breaks("packet.create", "slow", seconds=12)
    birth = await stage.registrar.declares_birth()
    before = stage.world.clock.now()
    answer = await stage.registrar.registers(birth)
    took = stage.world.clock.now() - before
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
    await stage.check(
        "the registrar has an answer within ten seconds",
        took <= _AT_ONCE,
        f"it took {took.total_seconds():.0f} s",
        shows="OCRVS-TRG-19",
        means="The registrar waits while the bridge does its work: a proxy's time limit leaves the record "
        "pending.",
    )
    await stage.until("the record is registered", birth.is_registered, within=days(1))

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Actor, Need, story

if TYPE_CHECKING:
    from scenarios.stage.actors.civil_record import CivilRecord


@story(
    title="A clock is far off: the bridge's, OpenCRVS's, the ID system's",
    learns="A machine that comes up with a wrong date refuses good tokens as expired, or is refused itself. "
    "Nothing is lost that a right clock does not bring back; what OpenCRVS asked in vain must be asked anew.",
    good_bridge="Refuses what has expired by its own clock and says so, keeps what it has, and goes on by "
    "itself when the clocks agree again.",
    tags=("birth", "async", "clock", "outage"),
    ranked=(22,),
    needs=(Need.SETTINGS, Need.NID, Need.OPENCRVS, Need.CLOCK),
    client=True,
)
async def clock_far_off(stage: Stage) -> None:
    await _refused_by_a_fast_bridge(stage)
    for party, error in ((Actor.BRIDGE, -days(8)), (Actor.OPENCRVS, days(8))):
        await stage.clock_is_wrong(party, error)
        await stage.registrar.logs_in()
        birth = await _declared(stage)
        answer = await stage.registrar.registers(birth)
        await stage.check("a token that lasts too long is taken", answer.ok, answer.error)
        await stage.until(
            "and the record is registered", birth.is_registered, within=days(1), shows="FIELD-CLK-02"
        )
        await stage.clock_is_wrong(party, timedelta())
    await stage.registrar.logs_in()
    for error in (hours(4), -hours(4)):
        await stage.clock_is_wrong(Actor.NID, error)
        stage.id_system.will("issue", lost=True)
        birth = await _declared(stage)
        await stage.registrar.registers(birth)
        await stage.passes(hours(8))
        await stage.check("the ID system answers no question", birth.is_waiting, await birth.seen())
        await stage.clock_is_wrong(Actor.NID, timedelta())
        await stage.until(
            "with the right time it does", birth.is_registered, within=days(1), shows="FIELD-CLK-02"
        )


async def _declared(stage: Stage) -> CivilRecord:
    """A birth that is past on every clock of the story."""
    born = stage.world.clock.now().date() - timedelta(days=30)
    return await stage.registrar.declares_birth(child__dob=born.isoformat())


async def _refused_by_a_fast_bridge(stage: Stage) -> None:
    birth = await _declared(stage)
    await stage.clock_is_wrong(Actor.BRIDGE, days(8))
    answer = await stage.registrar.registers(birth)
    await stage.check("the registrar sees an error", not answer.ok)
    await stage.check("and the record waits", birth.is_waiting, await birth.seen())
    await stage.clock_is_wrong(Actor.BRIDGE, timedelta())
    await stage.registrar.gives_back(birth)
    await stage.administrator.ends_waiting(birth)
    anew = await stage.registrar.mends_and_registers(birth)
    await stage.check("asked anew, the bridge takes it", anew.ok, anew.error, shows="OCRVS-TRG-17")
    await stage.until(
        "and the record is registered", birth.is_registered, within=days(1), shows="FIELD-CLK-02"
    )

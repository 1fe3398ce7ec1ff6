"""The parties' clocks disagree."""

from __future__ import annotations

from scenarios.library import Need, story
from scenarios.stage import Stage, days


@story(
    title="The bridge's clock is half a minute behind",
    learns="A token that was issued “in the future” is refused by a strict check, and nobody thinks of "
    "the clock.",
    good_bridge="Grants a small leeway to what others have signed, and none to what has long expired.",
    tags=("birth", "async", "clock"),
    ranked=(22,),
    needs=(Need.SETTINGS,),
    bridge_clock_ahead=-30,
)
async def clock_skew(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
    await stage.until("the record is registered", birth.is_registered, within=days(1))

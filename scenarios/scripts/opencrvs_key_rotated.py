"""OpenCRVS changes the key that signs its tokens."""

from __future__ import annotations

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="OpenCRVS's signing key changes while a record waits",
    learns="A new deployment of OpenCRVS's auth service makes every token worthless that was given before, "
    "the stored ones too. And who keeps the old public key refuses every new question.",
    good_bridge="Fetches the public key again when a signature does not hold, and confirms the old records "
    "with its system client.",
    tags=("birth", "async", "security"),
    ranked=(9,),
    needs=(Need.NID, Need.OPENCRVS, Need.SETTINGS, Need.CLOCK),
    client=True,
)
async def opencrvs_key_rotated(stage: Stage) -> None:
    stage.id_system.will("issue", after=hours(6))
    waiting = await stage.registrar.declares_birth()
    await stage.registrar.registers(waiting)
    await stage.passes(hours(3))
    await stage.rotates_key()
    await stage.registrar.logs_in()
    stage.id_system.will("issue", after=hours(1))
    after = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(after)
    await stage.check("a question under the new key is taken", answer.ok, answer.error, shows="OCRVS-TRG-13")
    await stage.until("that record is registered", after.is_registered, within=hours(2))
    await stage.until(
        "and so is the one asked before", waiting.is_registered, within=days(1), shows="OCRVS-ACC-36"
    )
    await stage.check("with one acceptance", await waiting.acceptances() == 1)

from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="OpenCRVS is upgraded from 2.0 to 2.1 while a record waits",
    learns="From 2.1 on the stored token opens nothing any more: a system client must confirm. What was "
    "asked before the upgrade is still to be answered after it.",
    good_bridge="Is told the new profile and a system client, and confirms the old records with it.",
    tags=("birth", "async", "upgrade"),
    ranked=(17,),
    profiles=("2.0",),
    needs=(Need.NID, Need.OPENCRVS, Need.RESTART, Need.CLOCK),
)
async def upgrade_in_flight(stage: Stage) -> None:
    stage.id_system.will("issue", after=days(2))
    birth = await stage.registrar.registers_birth()
    await stage.check("the record waits", birth.is_waiting, await birth.seen())
    await stage.passes(days(1))
    await stage.opencrvs.upgrades("2.1")
    await stage.bridge.restarts(profile="2.1", **SYSTEM_CLIENT)
    await stage.check("after the upgrade it waits as before", birth.is_waiting, await birth.seen())
    await stage.until("the record is registered", birth.is_registered, within=days(3), shows="OCRVS-ACC-35")
    await stage.check("with the national ID", bool(await birth.national_id()))

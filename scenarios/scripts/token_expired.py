from scenarios.stage.credentials import SYSTEM_CLIENT
from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The token has expired, and the bridge has no other key",
    learns="OpenCRVS gives seven days. Where the ID system may take longer and no system client exists, "
    "every late record needs a person: better to know before going live.",
    good_bridge="Keeps the credential, lists the record as stuck because of the token, and says what to "
    "configure.",
    tags=("birth", "async", "stuck"),
    ranked=(5,),
    profiles=("1.9", "2.0"),
    needs=(Need.CLOCK, Need.NID, Need.OPERATOR, Need.SETTINGS),
)
async def token_expired(stage: Stage) -> None:
    stage.id_system.will("issue", after=days(8))
    birth = await stage.registrar.registers_birth()
    entry = await stage.until_stuck(birth, within=days(12), shows="OCRVS-ACC-29")
    await stage.check("because of the token", "token" in entry.reason, entry.reason, shows="OCRVS-ACC-29")
    await stage.check("and says what can be done", bool(entry.remedies))
    await stage.check("the record still waits in OpenCRVS", birth.is_waiting, await birth.seen())
    await stage.bridge.restarts(**SYSTEM_CLIENT)
    await stage.operator.retries(birth)
    await stage.until(
        "with a system client the record is registered",
        birth.is_registered,
        within=days(1),
        shows="OCRVS-ACC-29",
    )
    await stage.check("with the national ID", bool(await birth.national_id()))

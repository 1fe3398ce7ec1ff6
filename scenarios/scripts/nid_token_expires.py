from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system takes the bridge's token no more, in the middle of the work",
    learns="Tokens of MOSIP end, and all of them at once when its Keycloak is restarted. The cookie that "
    "carries "
    "one claims to last for months.",
    good_bridge="Takes a 401 as a reason to log in again, and goes on where it was.",
    tags=("birth", "async", "outage"),
    ranked=(9,),
    needs=(Need.NID,),
)
async def nid_token_expires(stage: Stage) -> None:
    first = await stage.registrar.registers_birth()
    await stage.until("the first record is registered", first.is_registered, within=days(1))
    stage.id_system.ends_tokens()
    second = await stage.registrar.registers_birth()
    await stage.until(
        "the second record is registered, too", second.is_registered, within=days(1), shows="MOSIP-AUT-08"
    )
    await stage.check("there is one packet", len(stage.packets_of(second)) == 1, shows="MOSIP-PKT-07")

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The hub is down when the bridge starts",
    learns="The upstream mediator dies when the hub is away at its start. A bridge that needs everybody else "
    "to be up first cannot be restarted in a bad hour.",
    good_bridge="Starts all the same, tries again until it is subscribed, and takes registrations meanwhile.",
    tags=("birth", "async", "outage"),
    ranked=(12,),
    needs=(Need.NID, Need.RESTART, Need.POLLS, Need.RENEWS),
)
async def hub_down_at_start(stage: Stage) -> None:
    await stage.bridge.stops()
    stage.id_system.forgets_subscriptions()
    stage.id_system.breaks("hub.subscribe", "status", status=500, count=4)
    await stage.bridge.starts(shows="MOSIP-HUB-15")
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error, shows="MOSIP-HUB-15")
    await stage.until(
        "the bridge is subscribed", stage.id_system.has_subscribers, within=hours(12), shows="MOSIP-HUB-15"
    )
    await stage.until("the record is registered", birth.is_registered, within=days(2))

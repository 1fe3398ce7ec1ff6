from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The hub denies the subscription, in a 200, and then never asks back",
    learns="MOSIP's hub refuses with HTTP 200 and the word “denied”, e.g. when the client lacks a role; "
    "and a 202 is no subscription yet. Who looks at the status only waits for messages that nobody sends.",
    good_bridge="Reads the denial, says that it is not subscribed, takes registrations all the same, and "
    "tries again until the hub has asked back and been answered.",
    tags=("birth", "async", "delivery", "outage"),
    ranked=(12,),
    needs=(Need.NID, Need.RESTART, Need.POLLS, Need.RENEWS),
)
async def hub_denies(stage: Stage) -> None:
    await stage.bridge.stops()
    stage.id_system.forgets_subscriptions()
    stage.id_system.denies_subscriptions("Subscriber is not authorized", times=6)
    stage.id_system.breaks("hub.intent", "lose", count=2)
    await stage.bridge.starts()
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
    await stage.check("the bridge is not subscribed", not stage.id_system.has_subscribers())
    stage.tells("The ID system's team gives the client its role")
    await stage.until(
        "the bridge is subscribed", stage.id_system.has_subscribers, within=hours(1), shows="MOSIP-HUB-10"
    )
    await stage.until("the record is registered", birth.is_registered, within=days(2))
    second = await stage.registrar.registers_birth()
    await stage.until("the next one at once, by a message", second.is_registered, within=hours(1))

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The hub forgets the bridge's subscription",
    learns="Subscriptions vanish with a hub's database, and nothing tells the subscriber. From then on "
    "there is silence.",
    good_bridge="Renews its subscriptions by itself, and catches up on what it missed by asking.",
    tags=("birth", "async", "delivery", "outage"),
    ranked=(12,),
    needs=(Need.NID, Need.POLLS, Need.RENEWS),
)
async def subscription_lost(stage: Stage) -> None:
    stage.id_system.will("issue", after=hours(1))
    missed = await stage.registrar.registers_birth()
    stage.id_system.forgets_subscriptions()
    await stage.until(
        "what was missed is caught up", missed.is_registered, within=days(3), shows="MOSIP-STS-03"
    )
    await stage.until(
        "the bridge is subscribed again",
        stage.id_system.has_subscribers,
        within=days(2),
        shows="MOSIP-HUB-16",
    )
    birth = await stage.registrar.registers_birth()
    await stage.until("the next record is registered", birth.is_registered, within=hours(3))

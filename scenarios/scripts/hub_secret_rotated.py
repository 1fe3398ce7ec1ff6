from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, story


@story(
    title="The hub's secret is changed while records are in flight",
    learns="The hub keeps signing with the old secret until the old subscription is ended: a new secret in "
    "the settings alone makes the bridge refuse everything.",
    good_bridge="Sees that its secret is another one than it subscribed with, ends the old subscription and "
    "makes a new one; and asks for what it missed in between.",
    tags=("birth", "async", "security", "delivery"),
    ranked=(9,),
    needs=(Need.NID, Need.RESTART, Need.SETTINGS, Need.CLOCK),
    ours="the new secret has to be given to the bridge, where it keeps such things; that the hub "
    "forgets a subscription is played in subscription_lost",
)
async def hub_secret_rotated(stage: Stage) -> None:
    stage.id_system.will("issue", after=hours(2))
    waiting = await stage.registrar.registers_birth()
    await stage.passes(minutes(30))
    await stage.bridge.restarts(hub_secret="the-hubs-second-secret")
    await stage.until(
        "the bridge is subscribed again",
        stage.id_system.has_subscribers,
        within=hours(1),
        shows="MOSIP-HUB-17",
    )
    await stage.until("the record is registered", waiting.is_registered, within=days(1))
    answers = [delivery.status for delivery in stage.deliveries(waiting)]
    await stage.check(
        "its message came under the new secret, and was taken",
        answers == [200],
        str(answers),
        shows="MOSIP-HUB-17",
    )
    packet = stage.packet_of(waiting)
    await stage.stranger.sends_credential(
        packet.id, secret="mosip-websub-secret", what="one under the old secret"
    )
    after = await stage.registrar.registers_birth()
    await stage.until("the next one is registered too", after.is_registered, within=hours(1))

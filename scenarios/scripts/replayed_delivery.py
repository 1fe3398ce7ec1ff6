from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="An old delivery is replayed, signature and all",
    learns="A recorded delivery stays well signed for ever: the signature tells who wrote it, not when, "
    "nor that it is news.",
    good_bridge="Knows what it has taken before, believes a credential for its own registration only, and "
    "lets a finished record be.",
    tags=("birth", "async", "security", "delivery"),
    ranked=(7,),
    needs=(Need.NID,),
)
async def replayed_delivery(stage: Stage) -> None:
    first = await stage.registrar.registers_birth()
    await stage.until("the first record is registered", first.is_registered, within=days(1))
    before, packet = await first.document(), stage.packet_of(first)
    recorded = stage.id_system.sent(packet)

    stage.id_system.will("stall")
    second = await stage.registrar.registers_birth()
    await stage.until(
        "the packet is with the ID system", lambda: bool(stage.packets_of(second)), within=hours(1)
    )
    for _ in range(2):
        await stage.stranger.repeats(recorded, packet.id)
    await stage.passes(hours(1))
    await stage.check(
        "the first record is what it was", await first.document() == before, shows="MOSIP-HUB-18"
    )
    await stage.check(
        "the second one waits as before", second.is_waiting, await second.seen(), shows="MOSIP-HUB-18"
    )
    await stage.id_system.decides(stage.packet_of(second), "issue")
    await stage.until("and is registered by its own credential", second.is_registered, within=days(1))
    await stage.check(
        "with a national ID of its own", await first.national_id() != await second.national_id()
    )

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The credential's delivery is lost",
    learns="MOSIP's hub does not repeat what was answered with an error, and skips its neighbours too: "
    "messages do get lost.",
    good_bridge="Asks for the status of packets that stay silent, and fetches the identity itself.",
    tags=("birth", "async", "delivery"),
    ranked=(12,),
    needs=(Need.NID, Need.POLLS),
)
async def callback_lost(stage: Stage) -> None:
    stage.id_system.will("stall")
    silent = await stage.registrar.registers_birth()
    await stage.until("a packet is with the ID system", lambda: bool(stage.packets_of(silent)), hours(1))
    stage.id_system.will("issue", lost=True)
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the record is registered all the same",
        birth.is_registered,
        within=days(3),
        shows="MOSIP-STS-03 MOSIP-STS-05",
    )
    await stage.check("with the national ID", bool(await birth.national_id()), shows="MOSIP-STS-04")
    await stage.id_system.decides(stage.packet_of(silent), "issue")
    await stage.until("and so is the one before it, in the end", silent.is_registered, within=days(3))

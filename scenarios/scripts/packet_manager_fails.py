from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="Packet manager and workflow answer 500, 502 and 503, or cut the line",
    learns="A service behind a proxy fails in the proxy's words. None of them is a refusal of the packet, "
    "and "
    "the second step can fail when the first has been done.",
    good_bridge="Tries each step again until it was taken, and makes one packet of it.",
    tags=("birth", "async", "outage"),
    ranked=(1, 10),
    needs=(Need.NID,),
)
async def packet_manager_fails(stage: Stage) -> None:
    breaks = stage.id_system.breaks
    breaks("packet.create", "status", status=503)
    breaks("packet.create", "status", status=502, body="<html>Bad Gateway</html>")
    breaks("packet.create", "reset")
    breaks("packet.process", "status", status=500)
    breaks("packet.process", "status", status=503)
    birth = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(birth)
    await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
    await stage.check(
        "nobody is refused because of it",
        not await birth.is_rejected(),
        await birth.seen(),
        shows="OCRVS-ANS-15",
    )
    await stage.until("the record is registered", birth.is_registered, within=days(1), shows="MOSIP-PKT-14")
    await stage.check("there is one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

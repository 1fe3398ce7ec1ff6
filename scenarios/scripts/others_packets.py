from functools import partial

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="The hub tells of packets that the bridge has never heard of",
    learns="The end of a packet is told to every subscriber of the country: most messages are about somebody "
    "else's packets. Who answers them with an error makes the hub leave out what came with them.",
    good_bridge="Answers 2xx to news that is not its own, and does nothing.",
    tags=("birth", "async", "delivery"),
    ranked=(12,),
    needs=(Need.NID,),
)
async def others_packets(stage: Stage) -> None:
    stage.id_system.will("issue", after=minutes(30))
    birth = await stage.registrar.registers_birth()
    await stage.until("the packet is with the ID system", lambda: bool(stage.packets_of(birth)), days(1))
    told = [stage.id_system.tells_of_others(result) for result in ("PROCESSED", "REJECTED", "FAILED")]
    for packet in filter(None, told):
        await stage.until(
            "the hub has its answer", partial(_answered, stage, packet), within=minutes(5), means=_LATE
        )
        answers = stage.id_system.answers_about(packet)
        await stage.check(
            "it came in time", None not in answers, str(answers), shows="MOSIP-HUB-23", means=_LATE
        )
        refused = [status for status in answers if status is not None and not 200 <= status < 300]
        await stage.check(
            "news of another's packet is answered 2xx",
            not refused,
            str(answers),
            shows="MOSIP-HUB-24",
            means="The bridge answers an error to what does not concern it: the hub then leaves out the "
            "messages that came with it.",
        )
    await stage.until("the bridge's own record is registered", birth.is_registered, within=days(1))


_LATE = "The bridge answers the hub too late: it is sent again, and at last left out with its neighbours."


def _answered(stage: Stage, packet: str) -> bool:
    return bool(stage.id_system.answers_about(packet))

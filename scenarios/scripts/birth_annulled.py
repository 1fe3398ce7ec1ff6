from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A birth was registered wrongly, and a person at the ID system ends the child's identity",
    learns="MOSIP's guide, exceptional scenarios, *Infant ID Deactivation*: the request goes to manual "
    "verification, the identity ends only when a person approves, and by default nobody tells the civil "
    "registry. A country has to ask how it went.",
    good_bridge="Changes nothing in OpenCRVS on its own, whether the desk rejects or approves.",
    tags=("birth", "async", "revocation"),
    ranked=(20,),
    needs=(Need.NID,),
)
async def birth_annulled(stage: Stage) -> None:
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    before = await birth.document()
    number = stage.packet_of(birth).vid or ""
    first = stage.id_system.is_asked("deactivate", number, "registered twice")
    await stage.passes(days(3))
    stage.id_system.verifies(first, approve=False)
    await stage.check("a rejected request changes nothing", stage.id_system.status_of(number) == "ACTIVATED")
    second = stage.id_system.is_asked("deactivate", number, "registered twice, with the court's order")
    await stage.passes(days(3))
    await stage.check("until a person approves", stage.id_system.status_of(number) == "ACTIVATED")
    stage.id_system.verifies(second)
    await stage.check("the identity has ended", stage.id_system.status_of(number) == "DEACTIVATED")
    await stage.passes(days(1))
    await stage.check(
        "the record is what it was",
        await birth.document() == before,
        await birth.seen(),
        shows="MOSIP-DTH-09",
    )

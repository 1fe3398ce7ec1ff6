from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A child's name is corrected, and the ID system gets the new one",
    learns="A correction of name, birth date or gender concerns the ID system too: else the card and the "
    "certificate show two different people.",
    good_bridge="Sends an update of the identity that there is, confirms the correction when it is "
    "processed, and makes no second identity.",
    tags=("birth", "correction"),
    ranked=(14,),
    profiles=("2.0", "2.1"),  # CRVS_UPDATE came with the mediators of 2.0 (contract mosip §2.5)
    needs=(Need.NID,),
)
async def biographic_update(stage: Stage) -> None:
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    number, national_id = await birth.number(), await birth.national_id()
    name = {"firstname": "Thandiwe", "surname": birth.family.declaration["child.name"]["surname"]}
    await stage.registrar.corrects(birth, {"child.name": name})
    await stage.until("the correction is in the record", birth.has({"child.name": name}), within=days(1))
    await stage.check(
        "number and national ID are what they were",
        (number, national_id) == (await birth.number(), await birth.national_id()),
        await birth.seen(),
        shows="OCRVS-ACC-37",
    )
    packets = stage.id_system.packets_of(f"Thandiwe {name['surname']}")
    stage.needs(bool(packets) or stage.ours, "this bridge tells the ID system of no correction")
    sent = [packet.packet.process for packet in packets]
    await stage.check(
        "the ID system got one update, and no new person",
        sent == ["CRVS_UPDATE"],
        str(sent),
        shows="MOSIP-PKT-12",
    )

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system deactivates an identity and activates it again",
    learns="MOSIP's guide, exceptional scenarios, *Reactivation of a Deactivated MOSIP ID*: by default there "
    "is none, the child is registered anew. A country that has it does so by manual verification, and the "
    "credential is issued anew without anybody having asked. Neither is to touch the registration.",
    good_bridge="Changes nothing in OpenCRVS on its own: the birth stays registered with the number that it "
    "has.",
    tags=("birth", "async", "revocation"),
    ranked=(20,),
    needs=(Need.NID,),
    mock_nid={"reactivation": True},
)
async def revoked(stage: Stage) -> None:
    birth = await stage.registrar.registers_birth()
    await stage.until("the record is registered", birth.is_registered, within=days(1))
    before = await birth.document()
    packet = stage.packet_of(birth)
    number = packet.vid or ""
    stage.id_system.verifies(stage.id_system.is_asked("deactivate", number, "registered twice"))
    await stage.passes(days(1))
    stage.id_system.verifies(stage.id_system.is_asked("reactivate", number, "it was another child"))
    await stage.id_system.delivers_again(packet, fresh=True)
    await stage.passes(days(1))
    await stage.check(
        "the record is what it was",
        await birth.document() == before,
        await birth.seen(),
        shows="MOSIP-CRD-13",
    )

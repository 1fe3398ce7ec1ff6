from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="MOSIP answers 200 and means an error",
    learns="In MOSIP most failures are HTTP 200 with an errors array, or with an empty response. Who "
    "looks at the status only believes that the packet exists.",
    good_bridge="Reads the envelope, tries again what may pass, and takes “already present” for done: one "
    "packet, whatever was lost on the way.",
    tags=("birth", "async", "outage"),
    ranked=(10,),
    needs=(Need.NID,),
)
async def envelope_errors(stage: Stage) -> None:
    breaks = stage.id_system.breaks
    breaks("auth.token", "mosip-error", code="KER-ATH-999", message="IAM is away")
    breaks("packet.create", "empty-response", count=2)
    breaks("packet.create", "mosip-error", code="KER-PUT-018", message="Packet manager exception")
    breaks("packet.process", "mosip-error", code="RPR-WIS-000", message="RPR-WIS-000 --> Unknown Exception")
    breaks("packet.process", "truncated-body")
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the record is registered",
        birth.is_registered,
        within=days(1),
        shows="MOSIP-ENV-02 MOSIP-AUT-07 MOSIP-PKT-06",
    )
    await stage.check(
        "there is one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07 MOSIP-WFL-04"
    )

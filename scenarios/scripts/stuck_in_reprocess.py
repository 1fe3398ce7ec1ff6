from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A packet fails validation inside the ID system",
    learns="Schema, date or centre errors come to light minutes later, as a bare FAILED. The reason is "
    "one call away for those who have the role.",
    good_bridge="Looks the sub-status up, rejects with it, and the registrar can mend the record and try "
    "again.",
    tags=("birth", "async", "rejection", "data"),
    ranked=(21, 11),
    needs=(Need.NID,),
)
async def stuck_in_reprocess(stage: Stage) -> None:
    stage.id_system.will("fail", code="RPR-PKV-FAILED-012")
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the record is marked as rejected", birth.is_rejected, within=days(1), shows="MOSIP-WFL-10"
    )
    await stage.until_still(birth)
    if stage.record_tokens:
        await stage.check(
            "the registrar is told why", bool(await birth.rejection_reason()), shows="OCRVS-ACC-32"
        )
    stage.tells("The registrar mends the record and registers again")
    again = await stage.registrar.mends_and_registers(birth)
    await stage.check("OpenCRVS takes it", again.ok, again.error)
    await stage.until("this time it is registered", birth.is_registered, within=days(1))
    await stage.check("in a packet of its own", len(stage.packets_of(birth)) == 2, shows="MOSIP-WFL-11")

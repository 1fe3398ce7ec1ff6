from scenarios.stage.stage import Stage, days
from scenarios.story import story


@story(
    title="The deceased's national ID is unknown to the ID system",
    learns="The packet fails minutes later, without a reason in the message. The registrar must get the "
    "record back.",
    good_bridge="Rejects in OpenCRVS with the reason that it looked up, so that the number can be mended.",
    tags=("death", "async", "rejection"),
    ranked=(13,),
)
async def death_of_unknown(stage: Stage) -> None:
    record = await stage.registrar.registers_death("9999999999")
    await stage.until(
        "the record is marked as rejected", record.is_rejected, within=days(2), shows="MOSIP-DTH-06"
    )
    await stage.until_still(record)
    await stage.check("it has no registration number", await record.number() is None, shows="MOSIP-DTH-06")

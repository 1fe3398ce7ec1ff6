from datetime import timedelta

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A child that turns ten today, and one that turns ten tomorrow",
    learns="Countries forward young children only. The border is a birthday, and a day's mistake sends a"
    " child down the wrong road.",
    good_bridge="Registers the older child at once without the ID system, and forwards the younger one.",
    tags=("birth", "sync", "policy"),
    ranked=(18,),
    needs=(Need.SETTINGS, Need.NID),
    ours="up to which age children are forwarded is the country's own choice, which nobody has told us",
    mock_nid={"infant_years": 18},
)
async def eligibility(stage: Stage) -> None:
    today = stage.world.clock.now().date()
    birthday = today.replace(year=today.year - 10)
    late = "The family lived abroad"
    ten = await stage.registrar.registers_birth(child__dob=birthday.isoformat(), child__reason=late)
    await stage.check(
        "the child of ten is registered at once",
        ten.is_registered,
        await ten.seen(),
        shows="OCRVS-ANS-12 FIELD-POL-01",
    )
    await stage.check("without a packet", not stage.packets_of(ten), shows="FIELD-POL-02")
    tomorrow = (birthday + timedelta(days=1)).isoformat()
    nine = await stage.registrar.registers_birth(child__dob=tomorrow, child__reason=late)
    await stage.check(
        "the child of nine waits for the ID system", nine.is_waiting, await nine.seen(), shows="FIELD-POL-01"
    )
    await stage.until("and is registered by it", nine.is_registered, within=days(1))

from scenarios.stage.stage import Stage, days, minutes
from scenarios.story import Need, story


@story(
    title="ID authentication is down for a day while parents have to be verified",
    learns="Verification is asked for at the counter, and the counter does not close because another system "
    "is down. An action that waits must not wait for ever, and nobody should have to click again.",
    good_bridge="Answers 202, keeps what it was told, and accepts the action when ID authentication is back: "
    "with everybody's verdict, each asked for once.",
    tags=("birth", "verification", "outage"),
    needs=(Need.NID,),
    country="uganda",
)
async def verification_parked(stage: Stage) -> None:
    family = stage.registrar.families.birth()
    stage.id_system.knows(family, "mother", "father")
    stage.id_system.stops_authenticating()
    birth = await stage.registrar.declares(family, validates=False)
    answer = await stage.registrar.asks_for(birth)
    asked = await stage.comes_about(stage.id_system.was_asked_about_people, within=minutes(5))
    stage.needs(asked, "this bridge verifies nobody at ID authentication")
    await stage.check("OpenCRVS takes the action all the same", answer.ok, answer.error, shows="FIELD-VER-01")
    await stage.passes(days(1))
    await stage.check("it waits", birth.has_open_action, await birth.seen(), shows="FIELD-VER-01")
    stage.id_system.mends("ida")
    await stage.until("it is accepted", birth.has_none_open, within=days(1), shows="FIELD-VER-01")
    values = await birth.values()
    await stage.check(
        "the record says that the mother is verified",
        values.get("mother.verified") == "verified",
        str(values.get("mother.verified")),
        shows="FIELD-VER-02",
    )
    await stage.check(
        "she was asked about once", stage.id_system.verdicts_on(family, "mother") == 1, shows="FIELD-VER-02"
    )
    if not await birth.is_registered():
        await stage.registrar.registers(birth)
    await stage.until("the record is registered", birth.is_registered, within=days(2))
    await stage.check("with one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

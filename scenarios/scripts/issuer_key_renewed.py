from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, story


@story(
    title="The issuer's signing key is renewed",
    learns="Keys are renewed once a year, without a word. Who has fetched the issuer's key at the start, and "
    "keeps it, believes nothing from that day on.",
    good_bridge="Fetches the key anew when a proof does not hold, and believes the credential.",
    tags=("birth", "async", "security", "delivery"),
    ranked=(9, 7),
    needs=(Need.NID,),
)
async def issuer_key_renewed(stage: Stage) -> None:
    first = await stage.registrar.registers_birth()
    await stage.until("the first record is registered", first.is_registered, within=days(1))
    await stage.passes(hours(1))
    stage.id_system.changes_signing_key()
    stage.id_system.answers_no_question()
    second = await stage.registrar.registers_birth()
    await stage.until("its message was sent", stage.told_of(second), within=days(1))
    if not await stage.comes_about(second.is_registered, minutes(2)):
        stage.tells("The bridge may fetch a key once a minute: the message comes once more")
        await stage.comes_about(second.is_registered, minutes(1.2))
        await stage.id_system.delivers_again(stage.packet_of(second), fresh=True)
    await stage.until(
        "a credential under the new key is believed",
        second.is_registered,
        within=hours(1),
        shows="MOSIP-CRD-09",
        means="The bridge keeps the issuer's key for ever: from its next renewal on it believes no "
        "credential.",
    )

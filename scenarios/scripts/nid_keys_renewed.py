from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, story


@story(
    title="The issuer's key and the partner's certificate are renewed in flight",
    learns="Certificates run out every year or two. Both sides must change at one time, and they never do: "
    "for a while credentials come that the bridge cannot open.",
    good_bridge="Fetches the issuer's new key by itself. What it cannot open it refuses without losing the "
    "record; with the new key file it opens the next ones, and it asks for those in between.",
    tags=("birth", "async", "security", "delivery"),
    ranked=(9, 7),
    needs=(Need.NID, Need.RESTART, Need.SETTINGS, Need.CLOCK),
)
async def nid_keys_renewed(stage: Stage) -> None:
    first = await stage.registrar.registers_birth()
    await stage.until("the first record is registered", first.is_registered, within=days(1))
    await stage.passes(hours(1))
    stage.id_system.changes_signing_key()
    second = await stage.registrar.registers_birth()
    await stage.until(
        "a credential under the new key is believed",
        second.is_registered,
        within=minutes(2),
        shows="MOSIP-CRD-09",
    )

    stage.id_system.takes_new_certificate()
    third = await stage.registrar.registers_birth()
    await stage.until(
        "a credential comes that cannot be opened", lambda: bool(stage.deliveries(third)), hours(1)
    )
    await stage.check("the record waits", third.is_waiting, await third.seen(), shows="MOSIP-CRD-10")
    await stage.bridge.restarts(p12_path=stage.id_system.next_partner_file)
    fourth = await stage.registrar.registers_birth()
    await stage.until(
        "with the new key file the next one opens",
        fourth.is_registered,
        within=minutes(2),
        shows="MOSIP-CRD-11",
    )
    await stage.until(
        "and the one in between is asked for", third.is_registered, within=days(1), shows="MOSIP-CRD-11"
    )

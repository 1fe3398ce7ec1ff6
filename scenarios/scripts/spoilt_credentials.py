from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story

_UNSIGNED = ("wrong-signature", "no-signature")
_SPOILT = (
    "tampered",
    "other-key",
    "other-proof",
    "alien-issuer",
    "other-partner",
    "other-certificate-number",
    "other-subject",
    "no-proof",
    *_UNSIGNED,
)
_BELIEVES = "The bridge believes a credential that is damaged, not the issuer's, or about another."


@story(
    title="Credentials arrive damaged, wrongly proved, from an alien issuer, or about somebody else",
    learns="Keys are renewed, messages damaged, and a mock may sign another form (JCS) than MOSIP does "
    "(URDNA2015). A record that such a message belongs to must not be lost with it.",
    good_bridge="Refuses each of them, keeps the record waiting, and gets to the true answer: by a later "
    "delivery, by asking, or by calling a person.",
    tags=("birth", "async", "security", "delivery"),
    ranked=(7,),
    needs=(Need.NID,),
)
async def spoilt_credentials(stage: Stage) -> None:
    stage.tells("The ID system answers no question today: only its messages tell")
    stage.id_system.answers_no_question()
    births = []
    for forge in _SPOILT:
        # one after the other: the hub leaves out what comes together with a message that was refused
        stage.id_system.will("issue", forge=forge)
        birth = await stage.registrar.registers_birth()
        await stage.until("its message was sent", stage.told_of(birth), within=days(1))
        births.append(birth)
    await stage.passes(hours(2))
    for birth, forge in zip(births, _SPOILT, strict=True):
        waits, seen = await birth.is_waiting(), await birth.seen()
        if forge in _UNSIGNED:
            await stage.check(
                f"{forge}: the record still waits", waits, seen, shows="MOSIP-HUB-11", means=_BELIEVES
            )
        else:
            await stage.check(
                f"{forge}: the record waits", waits, seen, shows="MOSIP-CRD-07", means=_BELIEVES
            )
    for birth in births:
        await stage.id_system.delivers_again(stage.packet_of(birth), fresh=True)
    for birth, forge in zip(births, _SPOILT, strict=True):
        await stage.until(
            f"{forge}: the true credential is believed",
            birth.is_registered,
            within=days(1),
            shows="MOSIP-CRD-08",
        )

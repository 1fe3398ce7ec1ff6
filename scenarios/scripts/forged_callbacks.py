from functools import partial

from scenarios.stage.credentials import HUB_SECRET, PARTNER
from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story
from wire.mosip.topics import CREDENTIAL_ISSUED

_MEANS = (
    "The bridge takes deliveries that the hub did not sign, or credentials that the issuer did not prove: "
    "anybody who finds the address can register a birth, give a person a number, or have a record rejected."
)


@story(
    title="A stranger posts credentials and rejections to the bridge",
    learns="The callback's address is no secret, and everybody may have the certificate that credentials"
    " are sealed for. Only the hub's signature and the issuer's proof tell who speaks.",
    good_bridge="Checks the signature over the raw bytes, then proof, issuer and that all three ids agree; "
    "and changes nothing when any is wrong.",
    tags=("birth", "async", "security"),
    ranked=(7,),
    needs=(Need.NID,),
)
async def forged_callbacks(stage: Stage) -> None:
    stage.id_system.will("stall")
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the packet is with the ID system", lambda: bool(stage.packets_of(birth)), within=hours(1)
    )
    packet = stage.packet_of(birth)
    number = packet.packet.certificate_number or ""
    # a bridge on another topic than the partner's own would pass over a forgery on the partner's
    topic = stage.id_system.credential_topic() or f"{PARTNER}/{CREDENTIAL_ISSUED}"
    send = partial(stage.stranger.sends_credential, packet.id, certificate_number=number)
    await send(topic=topic, issuers_proof=True, what="an unsigned credential")
    await send(topic=topic, issuers_proof=True, secret="guessed", what="a credential with a guessed secret")
    await send(topic=topic, secret=HUB_SECRET, proof=False, what="a credential without proof")
    await send(topic=topic, secret=HUB_SECRET, what="a credential proved by its own key")
    await send(
        topic="another/CREDENTIAL_ISSUED",
        secret=HUB_SECRET,
        issuers_proof=True,
        what="a credential on another topic",
    )
    await stage.stranger.sends_rejection(packet.id)
    await stage.stranger.sends_rejection(
        packet.id, secret="guessed", what="a rejection with a guessed secret"
    )
    await stage.stranger.sends_nonsense(b'{"topic":', "half a message")
    await stage.passes(hours(1))
    await stage.check(
        "the record waits as before", birth.is_waiting, await birth.seen(), shows="MOSIP-HUB-11", means=_MEANS
    )
    await stage.check(
        "it is not rejected",
        not await birth.is_rejected(),
        await birth.seen(),
        shows="MOSIP-HUB-11",
        means=_MEANS,
    )
    await stage.id_system.decides(packet, "issue")
    await stage.until("the true credential is believed", birth.is_registered, within=days(1))

from scenarios.stage.stage import Stage, hours
from scenarios.story import Need, story


@story(
    title="A stranger asks for registrations, with tokens that OpenCRVS did not give",
    learns="The trigger's address is no secret. Whoever is believed there can have a child registered "
    "that was "
    "never born, and only the token tells who asks.",
    good_bridge="Checks signature, algorithm, issuer, audience and expiry of every token, refuses what is "
    "wrong "
    "in any of them, and takes OpenCRVS's own question.",
    tags=("birth", "security"),
    ranked=(7,),
    needs=(Need.NID, Need.OPENCRVS),
)
async def bad_trigger_tokens(stage: Stage) -> None:
    asked = await stage.registrar.declares_birth()
    answers = {
        kind: (await stage.questioner.asks(asked, kind, stage.registrar)).status
        for kind in stage.questioner.kinds
    }
    await stage.passes(hours(6))
    taken = [
        f"{kind}: answered {status}"
        for kind, status in answers.items()
        if status is not None and status < 400
    ]
    await stage.check(
        "none of these questions is taken", not taken, "; ".join(taken), shows="OCRVS-TRG-12", means=_MEANS
    )
    await stage.check(
        "no packet was made of any", not stage.packets_of(asked), shows="OCRVS-TRG-12", means=_MEANS
    )
    genuine = await stage.registrar.declares_birth()
    answer = await stage.registrar.registers(genuine)
    await stage.check("OpenCRVS's own question is taken", answer.ok, answer.error)


_MEANS = (
    "The bridge believes tokens that OpenCRVS did not give: anybody who finds its address can have "
    "identities "
    "made, without a registrar."
)

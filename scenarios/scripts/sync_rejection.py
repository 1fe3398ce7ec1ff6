from scenarios.stage.stage import Stage
from scenarios.story import Actor, Need, story


@story(
    title="The ID system refuses at once and the registrar sees it",
    learns="A refusal is an answer, not a fault: the record is not registered, may be mended and tried "
    "again.",
    good_bridge="Answers 400 when the ID system refuses the person, and never 500; the second try is a new "
    "question.",
    tags=("birth", "sync", "rejection", "basics"),
    ranked=(11,),
    needs=(Need.SYNC, Need.NID),
    bridge={"mode": "sync"},
)
async def sync_rejection(stage: Stage) -> None:
    birth = await stage.registrar.declares_birth()
    stage.id_system.breaks(
        "identity",
        "mosip-error",
        code="IDR-IDC-002",
        message="Invalid Input Parameter - identity/dateOfBirth",
    )
    answer = await stage.registrar.registers(birth)
    await stage.check(
        "OpenCRVS does not show the registrar a failure", answer.ok, answer.error, shows="OCRVS-ANS-11"
    )
    await stage.check(
        "the record is marked as rejected", birth.is_rejected, await birth.seen(), shows="OCRVS-ANS-11"
    )
    await stage.check("it has no registration number", await birth.number() is None, shows="OCRVS-ACC-27")
    await stage.check(
        "nothing is left to do for the bridge", await stage.operator.has_nothing_to_do(), shows="OCRVS-ANS-16"
    )

    stage.tells("mends the declaration and tries again", Actor.REGISTRAR)
    again = await stage.registrar.registers(birth)
    await stage.check(
        "this time it is registered",
        birth.is_registered,
        again.error or await birth.seen(),
        shows="OCRVS-ANS-17",
    )

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The integration's secret is changed while records are in flight",
    learns="A click on “refresh secret” in OpenCRVS silently stops every confirmation, until somebody "
    "tells the bridge.",
    good_bridge="Names the credential as the trouble, keeps everything, and goes on when it has been given "
    "the new secret.",
    tags=("birth", "async", "stuck", "security"),
    ranked=(9,),
    profiles=("2.1",),
    needs=(Need.NID, Need.OPENCRVS, Need.OPERATOR, Need.RESTART, Need.CLOCK),
)
async def secret_rotated(stage: Stage) -> None:
    stage.id_system.will("issue", after=hours(3))
    birth = await stage.registrar.registers_birth()
    stage.opencrvs.refreshes_secret("a-new-secret-0001")
    entry = await stage.until_named(birth, within=days(12), shows="OCRVS-ACC-34")
    trouble = entry.reason or entry.held
    await stage.check(
        "it is the credential", "token" in trouble or "credential" in trouble, trouble, shows="OCRVS-ACC-34"
    )
    await stage.bridge.restarts(client_secret="a-new-secret-0001")
    if entry.stuck:
        await stage.operator.retries(birth)
    await stage.until(
        "with the new secret the record is registered",
        birth.is_registered,
        within=days(1),
        shows="OCRVS-ACC-34",
    )

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The country's server makes the bridge's client when OpenCRVS starts",
    learns="In 2.1 a client that confirms cannot be made on the screen. The country's server makes it, when "
    "OpenCRVS calls /trigger/system/ready, with the id and secret that the bridge has. Until then no "
    "confirmation is let in.",
    good_bridge="Keeps everything and tries again, and confirms with the client that it was set up with once "
    "that is there.",
    tags=("birth", "async", "security"),
    profiles=("2.1",),
    needs=(Need.NID, Need.OPENCRVS),
    mock_opencrvs={"events_port": 0},
)
async def client_made_by_country(stage: Stage) -> None:
    stage.opencrvs.has_no_client()
    stage.id_system.will("issue", after=hours(3))
    birth = await stage.registrar.registers_birth()
    await stage.passes(hours(4))
    if stage.ours:  # another bridge may have logged in before the client went
        await stage.check("nobody lets the bridge in yet", not await birth.is_registered())
    await stage.country.hears_of_start()
    await stage.until(
        "with its client the record is registered", birth.is_registered, within=days(2), shows="OCRVS-ACC-28"
    )
    await stage.country.hears_of_start()
    made = stage.country.made
    await stage.check("at the next start the client stays as it is", made == [200, 409], str(made))

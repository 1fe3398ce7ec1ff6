from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="OpenCRVS is down when the credential arrives",
    learns="The hub will not send the credential again because OpenCRVS was away: the bridge holds the "
    "only copy.",
    good_bridge="Stores the delivery before it answers the hub, keeps the token, and confirms until OpenCRVS "
    "has taken it once.",
    tags=("birth", "async", "outage", "basics"),
    ranked=(3,),
    needs=(Need.OPENCRVS, Need.NID),
)
async def opencrvs_down_at_confirm(stage: Stage) -> None:
    stage.id_system.will("stall")
    birth = await stage.registrar.registers_birth()
    await stage.until(
        "the packet is with the ID system", lambda: bool(stage.packets_of(birth)), within=hours(1)
    )
    stage.opencrvs.goes_down()
    await stage.id_system.decides(stage.packet_of(birth), "issue")
    await stage.until("the ID system has told of the credential", stage.told_of(birth), within=hours(4))
    before = stage.acceptances_tried()
    await stage.passes(hours(9))
    tried = stage.acceptances_tried() - before
    await stage.check(
        "OpenCRVS has not been asked sixty times meanwhile",
        tried < 60,
        f"{tried} calls",
        shows="OCRVS-ACC-39",
    )
    await stage.check("the record still waits", birth.is_waiting, await birth.seen())
    stage.opencrvs.comes_back()
    await stage.until(
        "the record is registered",
        birth.is_registered,
        within=days(1),
        shows="OCRVS-ACC-24",
        means="The bridge lets go of the credential, or of the token that confirms, before the "
        "confirmation has taken effect: one outage of OpenCRVS loses the record.",
    )
    await stage.check("there is one acceptance", await birth.acceptances() == 1)
    await stage.check("with the national ID", bool(await birth.national_id()), shows="OCRVS-ACC-21")

from scenarios.stage.stage import Stage, days, hours
from scenarios.story import Need, story


@story(
    title="The country config behind the bridge is down for half a day",
    learns="A bridge in front of a country config asks it what it adds to an answer: a number, a field. The "
    "country config is deployed anew on a working day, too.",
    good_bridge="Takes the registration, asks the country config again until it says, and goes on with its "
    "number: one packet, with that number in it.",
    tags=("birth", "async", "outage"),
    needs=(Need.COUNTRY_CONFIG,),
)
async def country_config_down(stage: Stage) -> None:
    async with stage.country.stands_behind_bridge():
        birth = await stage.registrar.declares_birth()
        stage.tells("The country config is down")
        stage.country.goes_down()
        answer = await stage.registrar.registers(birth)
        await stage.check("OpenCRVS takes the registration", answer.ok, answer.error, shows="FIELD-FRO-01")
        await stage.passes(hours(12))
        await stage.check("the record waits", birth.is_waiting, await birth.seen(), shows="FIELD-FRO-01")
        await stage.check("without a packet", not stage.packets_of(birth), shows="FIELD-FRO-02")
        stage.tells("The country config is up again")
        stage.country.comes_back()
        await stage.until(
            "the record is registered", birth.is_registered, within=days(1), shows="FIELD-FRO-01"
        )
        number = await birth.number()
        await stage.check(
            "with the country's number",
            number == stage.country.config.number_of(birth.tracking_id),
            str(number),
            shows="FIELD-FRO-02",
        )
        await stage.check("and one packet", len(stage.packets_of(birth)) == 1, shows="MOSIP-PKT-07")

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="A registration costs a fee, and one of three families never pays",
    learns="A second system on the same action has its own silence. Who pays on the third day must be "
    "registered then; who never pays must be told, and cost the ID system nothing.",
    good_bridge="Asks for the payment before the packet, waits as long as the country says, and rejects with "
    "words when it does not come. A payment counts for one record.",
    tags=("birth", "payment", "rejection"),
    needs=(Need.PAYMENTS,),
)
async def payment_never_comes(stage: Stage) -> None:
    async with stage.country.charges("birth", after_hours=96) as payments:
        paid, late, never = await stage.registrar.declares_births(3)
        payments.stands[paid.tracking_id] = "paid"
        for birth in (paid, late, never):
            await stage.registrar.registers(birth)
        await stage.until("who has paid goes on", paid.is_registered, within=days(1), shows="FIELD-PAY-01")
        await stage.passes(days(2))
        await stage.check("the others wait", late.is_waiting, await late.seen(), shows="FIELD-PAY-01")
        stage.tells("One of the families pays")
        payments.stands[late.tracking_id] = "paid"
        await stage.until("and is registered", late.is_registered, within=days(1), shows="FIELD-PAY-01")
        await stage.until("who never pays is told", never.is_rejected, within=days(3), shows="FIELD-PAY-02")
        await stage.check("no packet was made of it", not stage.packets_of(never), shows="FIELD-PAY-02")
        if stage.record_tokens:
            await stage.until_still(never)
            reason = await never.rejection_reason()
            await stage.check("the registrar reads why", bool(reason), shows="FIELD-PAY-02")
        stage.tells("The family comes to the counter and pays after all")
        payments.stands[never.tracking_id] = "paid"
        await stage.registrar.mends_and_registers(never)
        await stage.until("and is registered then", never.is_registered, within=days(1), shows="FIELD-PAY-02")

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story


@story(
    title="The ID system never answers, and an operator decides",
    learns="Some packets are never answered. What counts is that somebody learns of it, and can act "
    "without a developer.",
    good_bridge="Lists the record as stuck, with the reason and what can be done; submits it again or rejects"
    " it when the operator says so.",
    tags=("birth", "async", "stuck", "basics"),
    ranked=(1,),
    needs=(Need.CLOCK, Need.NID, Need.OPERATOR, Need.SETTINGS),
    ours="after how many days of silence it gives up is its own choice, and no rehearsal waits for "
    "them; a lost message that is found by asking is played in callback_lost",
    client=True,
)
async def stalled(stage: Stage) -> None:
    stage.id_system.will("stall")
    birth = await stage.registrar.registers_birth()
    await stage.check("the record waits", birth.is_waiting, await birth.seen())
    entry = await stage.until_stuck(birth, within=days(30), shows="FIELD-END-02")
    await stage.check("with a reason", bool(entry.reason), shows="FIELD-END-02")
    await stage.check("and with what can be done", bool(entry.remedies), shows="FIELD-END-02")
    await stage.operator.rejects(birth, "The ID system gave no answer")
    await stage.until(
        "the record is marked as rejected", birth.is_rejected, within=days(1), shows="FIELD-END-03"
    )
    await stage.check(
        "the operator's list is empty", await stage.operator.has_nothing_to_do(), shows="FIELD-END-03"
    )

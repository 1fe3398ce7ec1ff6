from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from scenarios.stage.stage import Stage, days
from scenarios.story import Need, story

if TYPE_CHECKING:
    from scenarios.stage.actors.civil_record import CivilRecord


@story(
    title="Two children have one name and one birthday, and are answered in the other order",
    learns="Names and dates do not tell people apart: in a big country two Marias are born every day.",
    good_bridge="Goes by the packet's id and the registration number, and gives each child its own.",
    tags=("birth", "async", "data"),
    ranked=(15, 21),
    needs=(Need.NID,),
)
async def same_name_twice(stage: Stage) -> None:
    first = await stage.registrar.declares_birth()
    second = await stage.registrar.declares(
        stage.registrar.families.birth().changed(
            child__name=first.family.declaration["child.name"],
            child__dob=first.family.declaration["child.dob"],
        )
    )
    for many, birth in enumerate((first, second), start=1):
        stage.id_system.will("stall")
        answer = await stage.registrar.registers(birth)
        await stage.check("OpenCRVS takes the registration", answer.ok, answer.error)
        await stage.until("its packet is with the ID system", partial(_packets, stage, first, many), days(1))
    earlier, later = stage.packets_of(first)
    for packet in (later, earlier):
        await stage.id_system.decides(packet, "issue")
    for birth in (second, first):
        await stage.until("the record is registered", birth.is_registered, within=days(1))
    numbers = [await birth.number() for birth in (first, second)]
    given = [await birth.national_id() for birth in (first, second)]
    await stage.check("the numbers differ", len(set(numbers)) == 2, shows="FIELD-OWN-02")
    await stage.check("and so do the national IDs", len(set(given)) == 2 and all(given), shows="FIELD-OWN-02")


def _packets(stage: Stage, birth: CivilRecord, many: int) -> bool:
    return len(stage.packets_of(birth)) == many

from scenarios.stage.stage import Stage, days
from scenarios.story import story

_CHILDREN = (
    ("a name in three scripts", {"firstname": "ማርያም", "surname": "อภิสิทธิ์ Đặng"}),
    ("a name with apostrophe and hyphen", {"firstname": "N'Golo-Jean", "surname": "O’Malley"}),
    ("a very long name", {"firstname": "Wolfeschlegelstein" * 6, "surname": "Hausenbergerdorff" * 6}),
    ("a one-word name", {"firstname": "", "surname": "Suharto"}),
    ("a name of one letter", {"firstname": "O", "surname": "E"}),
    ("a name with quotes and brackets", {"firstname": 'Ann "Nan"', "surname": "<Banda>"}),
)


@story(
    title="Long names, other scripts, one-word names, missing fathers, foundlings",
    learns="Names with blanks, other alphabets and absent parents have broken packets in every country "
    "so far.",
    good_bridge="Carries every name unchanged to the ID system and back, shortens one of more than the fifty "
    "letters that MOSIP holds, and leaves out what is not there.",
    tags=("birth", "data"),
    ranked=(21,),
)
async def odd_data(stage: Stage) -> None:
    from scenarios.judging.evidence import LONGEST_NAME

    births = []
    for words, name in _CHILDREN:
        stage.tells(f"Next: {words}")
        birth = await stage.registrar.registers_birth(child__name=name)
        births.append(birth)
    stage.tells("Next: a child whose father is not known")
    alone = await stage.registrar.registers_birth(father=False)
    stage.tells("Next: a foundling")
    foundling = await stage.registrar.declares_foundling()
    await stage.registrar.registers(foundling)
    for birth in (*births, alone, foundling):
        await stage.until(
            f"{birth.name[:40]} is registered", birth.is_registered, within=days(1), shows="MOSIP-PKT-09"
        )
        asked = stage.asked_under(await birth.number())
        names = [one.name for one in asked]
        if len(birth.name) <= LONGEST_NAME:
            await stage.check("under that very name", names == [birth.name], str(names), shows="MOSIP-PKT-08")
        else:
            fits = len(names) == 1 and len(names[0]) <= LONGEST_NAME
            await stage.check("under as much of the name as fits", fits, str(names), shows="MOSIP-PKT-08")
        born = [one.date_of_birth for one in asked if one.date_of_birth]
        declared = str(birth.family.declaration["child.dob"]).replace("-", "/")
        await stage.check(
            "born on the day that was declared",
            all(day == declared for day in born),
            f"{born}, not {declared}",
            shows="MOSIP-PKT-15",
        )

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.stage.stage import Stage, days, hours, minutes
from scenarios.story import Need, Unmet, story

if TYPE_CHECKING:
    from scenarios.stage.actors.civil_record import CivilRecord


@story(
    title="OpenCRVS's signing key changes while a record waits",
    learns="A new deployment of OpenCRVS's auth service makes every token worthless that was given before, "
    "the stored ones too. And who keeps the old public key refuses every new question.",
    good_bridge="Fetches the public key again when a signature does not hold, and confirms the old records "
    "with its system client.",
    tags=("birth", "security"),
    ranked=(9,),
    needs=(Need.NID, Need.OPENCRVS),
    client=True,
)
async def opencrvs_key_rotated(stage: Stage) -> None:
    waiting = None
    if (
        stage.ours or not stage.record_tokens
    ):  # without a client nothing confirms what was asked under the old key
        stage.id_system.will("issue", after=hours(6))
        waiting = await stage.registrar.registers_birth()
        await stage.passes(hours(3))
    await stage.opencrvs.rotates_key()
    await stage.registrar.logs_in()
    stage.id_system.will("issue", after=hours(1))
    after, refused = await _asked(stage)
    if not stage.ours and refused:
        stage.tells("The bridge may fetch a key once a minute: a second try")
        await stage.timeline.pace.until(lambda: False, minutes(1.2))
        after, refused = await _asked(stage)
    await stage.check(
        "a question under the new key is taken",
        not refused,
        refused,
        shows="OCRVS-TRG-13",
        means="The bridge keeps OpenCRVS's public key for ever: after its next deployment nothing is "
        "registered.",
    )
    if after is not None:
        await stage.until("that record is registered", after.is_registered, within=hours(2))
    if waiting is not None:
        await stage.until(
            "and so is the one asked before", waiting.is_registered, within=days(1), shows="OCRVS-ACC-36"
        )
        await stage.check("with one acceptance", await waiting.acceptances() == 1)


async def _asked(stage: Stage) -> tuple[CivilRecord | None, str]:
    """A birth, and why it was not taken: who refuses the new key refuses the declaration as well."""
    try:
        birth = await stage.registrar.declares_birth()
        return birth, (await stage.registrar.registers(birth)).error
    except Unmet as refused:
        return None, str(refused)

"""The judge reads what the ID system stated, however long the exchange was in which it did so."""

from __future__ import annotations

from rehearsal_pytest import verdicts
from scenarios.stage.stage import Stage, days, minutes


async def test_ninety_packets_in_one_status_search_are_believed(rehearsal: Stage) -> None:
    rehearsal.id_system.breaks("hub.deliver", "lose", count=None)
    rehearsal.id_system.always("reject", after=minutes(30), reason="duplicate")
    births = await rehearsal.registrar.declares_births(90)
    await rehearsal.registrar.registers_all(births)
    await rehearsal.passes(days(3))
    for birth in births:
        assert not await birth.is_registered()
    searches = [one for one in rehearsal.servers.nid.journal if one.operation == "status.external"]
    assert max(len(one.records) for one in searches) == 90
    assert {
        verdict.promise.number: verdict.findings for verdict in await verdicts(rehearsal)
    } == dict.fromkeys(range(1, 6), ())
    facts = [fact for fact in rehearsal.servers.nid.journal.facts if fact.status == 200]
    assert len({fact.said.packet for fact in facts if fact.said.word == "refused"}) == 90

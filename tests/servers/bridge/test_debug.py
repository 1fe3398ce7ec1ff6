"""The mediator's list of transactions, without its secrets."""

from __future__ import annotations

from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage


async def test_debug_transactions_never_show_a_token_and_never_forget_a_record(stage: Stage) -> None:
    event = await stage.submitted()
    registration = await stage.of(event)
    token = stage.opencrvs.token(event, scope=["type=record.search&event=birth,death"])
    status, listed = await ask(stage, "GET", "/debug/transactions", token=token)
    assert status == 200 and [row["id"] for row in listed] == [registration.packet_id]
    assert (await ask(stage, "GET", "/debug/transactions", token=stage.opencrvs.token(event)))[0] == 403
    own = stage.opencrvs.token(event)
    status, gone = await ask(stage, "DELETE", f"/debug/transactions/{registration.packet_id}", token=own)
    assert (status, gone) == (200, {"registrationNumber": registration.number})
    await stage.world.clock.settle()
    assert len(stage.opencrvs.rejected(event)) == 1

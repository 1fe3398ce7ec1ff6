"""A question about an action that is settled: OpenCRVS repeats itself, or it has forgotten."""

from __future__ import annotations

from dataclasses import replace

from bridge.flow.work import Flow
from bridge.opencrvs.client import expiry
from bridge.opencrvs.confirmation import SETTLED
from bridge.peer import PeerDown
from bridge.registration import Act, Registration, Secrets, Stuck


async def asked_again(flow: Flow, registration: Registration, token: str | None) -> Registration:
    """Look at the record. Where it does not show the action as settled, nothing is said: a person decides.

    Giving the answer of then is not safe. After a rehearsal that repeats ids the record is somebody else's
    (contract opencrvs §0.4 row 26), and would get another person's national ID.
    """
    asked = replace(registration, token_expires_at=expiry(token) if token else None)
    try:
        seen = await flow.parts.opencrvs.look(asked, token)
    except PeerDown as down:
        words = str(down)
    else:
        if seen.result in SETTLED:
            return registration
        words = seen.words
    moved = await flow.store.move(
        registration.id,
        Act.ASK_AGAIN,
        f"asked again after {registration.state.value}",
        expected=registration.state,
        secrets=Secrets(token=token),
        token_expires_at=asked.token_expires_at,
        settled_at=None,
        reason=Stuck.SETTLED_BEFORE.value,
        last_error=words,
    )
    flow.log.warning(
        "stuck", registration=registration.id, reason=Stuck.SETTLED_BEFORE.value, was=registration.state.value
    )
    return moved

"""The page of faults: seams of both mocks × kinds. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from docs.rendering.markdown import code, described, page, table
from mock_nid.seams import SEAMS as NID_SEAMS
from mock_opencrvs.app import SEAMS as OPENCRVS_SEAMS
from testbed.faults import GENERIC, Fault, FaultKind

PLACES: dict[str, str] = {
    "gateway": "every call through the gateway",
    "accept": "`event.actions.*.accept`",
    "reject": "`event.actions.*.reject`",
    "procedure": "every other procedure",
    "event.get": "`event.get`",
    "event.search": "`event.search`",
    "auth": "log-in",
    "token": "`/token`: system clients and the token exchange",
    "well-known": "the public key at `/.well-known`",
    "documents": "uploaded files: `/upload`, `/presigned-url`, and the store",
    "trigger": "the call to the country's server",
    "auth.token": "auth manager: log-in of a client",
    "auth.validate": "auth manager: validation of a token",
    "packet.create": "packet manager: createPacket",
    "packet.process": "registration processor: workflow instance",
    "status.search": "registration processor: status and history",
    "application": "pre-registration: applications, appointments, documents",
    "hub.subscribe": "WebSub hub: what subscribers and publishers send",
    "hub.intent": "WebSub hub: the question back to a subscriber",
    "hub.deliver": "WebSub hub: delivery to a subscriber",
    "credential": "the credential that is issued",
    "public-key": "the issuer's key documents under `/.well-known/`",
    "data-share": "the link to a shared credential",
    "uin.generate": "UIN generator",
    "identity": "ID repository: identities",
    "vid": "ID repository: VIDs",
    "ida": "ID authentication",
    "esignet": "eSignet",
}

HOW = """\
A fault is one thing that goes wrong, at one named place (a *seam*). You arm it; it strikes when the
place is passed; the journal (`GET /admin/journal`) says which exchange it struck. Faults are for single
accidents. What the ID system decides about a person is a [plan](plans.md)."""

EXAMPLE = """\
Arm one over HTTP, at either mock:

```sh
curl -s http://127.0.0.1:20240/admin/faults -H 'content-type: application/json' \\
  -d '{"seam": "packet.create", "kind": "mosip-error", "code": "KER-PKT-003", "count": 2}'
curl -s http://127.0.0.1:20240/admin/faults
curl -s -X DELETE http://127.0.0.1:20240/admin/faults
```

In a script or test: `stage.id_system.breaks("packet.create", "status", status=503, count=2)`,
`stage.opencrvs.breaks("accept", "reset")`; `mends()` takes them away."""


def faults_page() -> str:
    kinds = [(code(kind.value), kind.means) for kind in FaultKind]
    return page(
        "Faults",
        HOW,
        EXAMPLE,
        "## What can be said of a fault",
        described(Fault),
        "## Kinds",
        table(("Kind", "What happens"), kinds),
        "## Seams of mock_opencrvs",
        _matrix(OPENCRVS_SEAMS),
        "## Seams of mock_nid",
        _matrix(NID_SEAMS),
    )


def _matrix(seams: Mapping[str, frozenset[FaultKind]]) -> str:
    rows = []
    for name, kinds in seams.items():
        own = [code(kind.value) for kind in FaultKind if kind in kinds and kind not in GENERIC]
        whole = kinds >= GENERIC
        general = ["all of the general ones"] if whole else []
        general += [] if whole else [code(kind.value) for kind in FaultKind if kind in kinds & GENERIC]
        rows.append((code(name), PLACES[name], ", ".join([*general, *own])))
    named = ", ".join(code(kind.value) for kind in FaultKind if kind in GENERIC)
    return f"The general ones are {named}.\n\n" + table(("Seam", "What passes there", "Kinds"), rows)

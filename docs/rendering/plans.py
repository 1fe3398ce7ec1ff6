"""The page of plans and magic names. Pure."""

from __future__ import annotations

from docs.rendering.markdown import code, described, page, table
from mock_nid.packets.plans import FORGERIES, MAGIC_WORDS, Plan, PlannedOutcome
from scenarios.stage.actors.id_system import in_words
from testbed.faults import FaultKind

HOW = """\
A plan says what the ID system will do with one packet. It is found in this order:

1. the next plan in the **queue** (each packet takes one),
2. the plan **set for this registration** (packet id or certificate number),
3. a **magic word** in the person's name,
4. the server's **default** (`MOCK_NID_DEFAULT_PLAN`; it may be several plans with weights).

Short text: `issue`, `issue@3600` (after an hour), `reject:duplicate person`,
`fail:RPR-PKV-FAILED-012@60`, `stall`. Default with weights: `issue=8,reject=1,stall=1`. In full, as
JSON: `{"outcome": "issue", "after": 3600, "copies": 2}`."""

EXAMPLE = """\
```sh
json='content-type: application/json'
nid=http://127.0.0.1:20240
curl -s $nid/admin/plans            # what is planned, and the magic words
curl -s $nid/admin/plans/queue -H "$json" -d '["reject:duplicate person", "issue@60"]'
curl -s -X PUT $nid/admin/plans/default -H "$json" -d '"issue=8,reject=1,stall=1"'
```

In a script or test: `stage.id_system.will("issue", after=days(8))`, `stage.id_system.always("stall")`."""

MAGIC = """\
A magic word is a whole word in the name of the child (or of the deceased), in any case. It works from a
real OpenCRVS screen, through any bridge that sends the name. Best as a middle name: *Chanda Weekly
Mulenga*."""


def plans_page() -> str:
    outcomes = [(code(outcome.value), outcome.means) for outcome in PlannedOutcome]
    forgeries = [(code(kind.value), kind.means) for kind in FaultKind if kind in FORGERIES]
    return page(
        "Plans and magic names",
        HOW,
        EXAMPLE,
        "## Outcomes",
        table(("Outcome", "What happens"), outcomes),
        "## Fields of a plan",
        described(Plan),
        "## Forgeries",
        "Each makes one delivery wrong on purpose. A good bridge changes nothing in OpenCRVS for "
        "any of them, except that the old layout is a matter of settings. They are kinds of "
        "[fault](faults.md), too.",
        table(("`forge`", "What happens"), forgeries),
        "## Magic names",
        MAGIC,
        table(
            ("Word", "What the ID system does"),
            [(code(w.title()), in_words(p)) for w, p in MAGIC_WORDS.items()],
        ),
    )

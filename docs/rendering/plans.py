"""The page of plans and magic names. Pure."""

from __future__ import annotations

from docs.rendering.markdown import code, page, table
from mock_nid.plans import MAGIC_WORDS, Forgery, Outcome, Plan

OUTCOMES: dict[Outcome, str] = {
    Outcome.ISSUE: "an identity is made, a credential is sealed and delivered",
    Outcome.REJECT: "the packet is rejected by a person; `REJECTED` in the completed event",
    Outcome.FAIL: "a stage fails; `FAILED` in the completed event; `stage` and `code` say which",
    Outcome.STALL: "nothing comes, until somebody decides",
    Outcome.PAUSE: "paused for additional information, until somebody decides",
}

FORGERIES: dict[Forgery, str] = {
    Forgery.OTHER_PARTNER: "sealed for another partner's certificate",
    Forgery.TAMPERED: "sealed well, then changed",
    Forgery.NO_SPLITTER: "the text that parts key and data is missing",
    Forgery.LEGACY_LAYOUT: "sealed in the layout of older versions (genuine, but old)",
    Forgery.OTHER_KEY: "the proof is made with a key that is not the issuer's",
    Forgery.NO_PROOF: "there is no proof",
    Forgery.OTHER_PROOF: "the issuer's key signs the other form: JCS where URDNA2015 is due, or the reverse",
    Forgery.ALIEN_ISSUER: "says that somebody else issued it",
    Forgery.NO_VID: "carries no VID",
    Forgery.EXTRA_ATTRIBUTES: "carries attributes that the policy does not share",
    Forgery.OTHER_CERTIFICATE_NUMBER: "carries another record's certificate number",
    Forgery.OTHER_SUBJECT: "is about another person",
    Forgery.UNKNOWN_REGISTRATION: "names a registration that nobody sent",
    Forgery.BAD_SIGNATURE: "the hub's signature does not hold",
    Forgery.NO_SIGNATURE: "the hub's signature is missing",
    Forgery.WRONG_TOPIC: "delivered under another topic",
    Forgery.MALFORMED: "the delivery is no JSON",
}

FIELDS: tuple[tuple[str, str], ...] = (
    ("outcome", "one of the words above"),
    ("reason", "text of a rejection, as an officer of the ID system would write it"),
    ("stage", "the stage in which it ends"),
    ("code", "the sub-status code, such as `RPR-PKV-FAILED-012`"),
    ("after", "seconds from the workflow instance to the outcome; else `MOCK_NID_PROCESSING_SECONDS`"),
    ("delay", "in place of `after`: drawn, as `uniform:60,3600`, `lognormal:600,0.8`, `list:1,5,30`"),
    ("copies", "how many deliveries of the credential"),
    ("gap", "seconds between the copies"),
    ("hold", "seconds by which the delivery is kept back, so that later ones overtake it"),
    ("lost", "the delivery is noted in the journal and never sent"),
    ("forge", "the credential or its delivery is wrong in one of the ways below"),
)

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
    outcomes = [(code(outcome.value), OUTCOMES[outcome]) for outcome in Outcome]
    forgeries = [(code(forgery.value), FORGERIES[forgery]) for forgery in Forgery]
    return page(
        "Plans and magic names",
        HOW,
        EXAMPLE,
        "## Outcomes",
        table(("Outcome", "What happens"), outcomes),
        "## Fields of a plan",
        table(("Field", "Meaning"), [(code(name), text) for name, text in FIELDS]),
        "## Forgeries",
        "Each makes one delivery wrong on purpose. A good bridge changes nothing in OpenCRVS for "
        "any of them, except that the old layout is a matter of settings.",
        table(("`forge`", "The credential or its delivery"), forgeries),
        "## Magic names",
        MAGIC,
        table(
            ("Word", "What the ID system does"),
            [(code(w.title()), spoken(p)) for w, p in MAGIC_WORDS.items()],
        ),
    )


def spoken(plan: Plan) -> str:
    """A plan in words."""
    words = {
        Outcome.ISSUE: "issues",
        Outcome.REJECT: "rejects",
        Outcome.FAIL: "fails the packet",
        Outcome.STALL: "never answers",
        Outcome.PAUSE: "pauses and asks for more information",
    }[plan.outcome]
    if plan.after is not None:
        words += f" after {_span(plan.after)}"
    if plan.delay is not None:
        words += f" after {code(plan.delay)} seconds"
    if plan.stage or plan.code:
        words += f" in {plan.stage or 'a stage'} with {code(plan.code or '')}"
    if plan.copies > 1:
        words += f"; the credential is delivered {plan.copies} times"
        words += f", {plan.gap:g} seconds apart" if plan.gap else ", at once"
    if plan.lost:
        words += "; the delivery is lost"
    if plan.hold:
        words += f"; the delivery is held back for {_span(plan.hold)}"
    if plan.forge:
        words += f"; made wrong: {FORGERIES[plan.forge]}"
    return words


def _span(seconds: float) -> str:
    """Seconds in words."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds:g} seconds"


def field_names() -> set[str]:
    """The fields that the page explains."""
    return {name for name, _ in FIELDS}

"""The page of scenarios: what the library knows of each story. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from docs.rendering.markdown import code, codes, page, table
from scenarios.judging.verdicts import PROMISES
from scenarios.library import stories
from scenarios.story import Need, Story

RANKED: dict[int, str] = {
    1: "the ID system never answers",
    2: "the trigger fails or times out, and the browser tries again",
    3: "OpenCRVS is down, or refuses, when the credential arrives",
    4: "the callback comes more than once",
    5: "the stored token has run out",
    6: "the bridge is killed with records in flight",
    7: "the callback is forged, damaged or replayed",
    8: "the callback comes before the 202 was answered",
    9: "a secret, a signing key or a certificate is changed in between",
    10: "MOSIP's error inside a 200; the packet is created and not processed",
    11: "a rejection that the registrar must see; answers that contradict each other",
    12: "the hub refuses, forgets, restarts, or leaves messages out",
    13: "deaths: unknown, known already, without an ID, with the ID system down",
    14: "corrections: a first identity, a changed name, no second identity",
    15: "many at once, answered in any order: everyone gets their own",
    16: "registration numbers that clash",
    17: "OpenCRVS is upgraded with records in flight",
    18: "who is eligible, and who just is not",
    19: "a day of backlog, then the burst",
    20: "an identity is revoked and reinstated",
    21: "names and data at the edges",
    22: "clocks that disagree",
}
"""The twenty-two things that go wrong in real countries, most harmful first."""

HOW = """\
Each scenario is one script under `scenarios/scripts/`. Play one with `rehearse run NAME`, some with
`rehearse run --tag death`, and all with `make rehearse`. How to write one:
[here](../how-to/write-a-scenario.md)."""


def scenarios_page(found: Sequence[Story] | None = None) -> str:
    shipped = [
        one
        for one in (stories() if found is None else found)
        if one.play.__module__.startswith("scenarios.scripts.")
    ]
    tags = sorted({tag for one in shipped for tag in one.tags})
    parts = [HOW, "## The five promises, judged after each", _promises()]
    parts += [f"## All {len(shipped)}", _overview(shipped)]
    parts += ["## What goes wrong in real countries, and which scenario plays it", _ranking(shipped)]
    parts += ["## Tags", ", ".join(f"{code(tag)} ({sum(tag in s.tags for s in shipped)})" for tag in tags)]
    parts += ["## One by one", *(_story(one) for one in shipped)]
    return page("Scenarios", *parts)


def _promises() -> str:
    return "\n".join(f"{promise.number}. {promise.text}" for promise in PROMISES)


def _overview(shipped: Sequence[Story]) -> str:
    rows = [
        (f"[{code(s.name)}](#{s.name})", s.title, codes(sorted(s.tags)), ", ".join(s.profiles))
        for s in shipped
    ]
    return table(("Scenario", "What it plays", "Tags", "Profiles"), rows)


def _ranking(shipped: Sequence[Story]) -> str:
    rows = []
    for rank, text in RANKED.items():
        names = [f"[{code(s.name)}](#{s.name})" for s in shipped if rank in s.ranked]
        rows.append((str(rank), text, ", ".join(names) or "none yet"))
    return table(("Rank", "What goes wrong", "Scenarios"), rows)


def _story(one: Story) -> str:
    lines = [
        f"### {one.name}",
        f"**{one.title}.**",
        f"*A country learns:* {one.learns}",
        f"*A good bridge:* {one.good_bridge}",
    ]
    needs = [need.value for need in Need if need in one.needs]
    if needs:
        lines.append("*It* " + "; ".join(needs) + ". A rehearsal against a foreign system that lacks one of "
                     "these does not play it.")  # fmt: skip
    return "\n\n".join(lines)

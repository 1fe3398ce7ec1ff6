"""The page of the defects that `rehearse verify` is tested by: which requirements convict each. Pure."""

from __future__ import annotations

from docs.rendering.markdown import code, page, table
from scenarios.judging.verdicts import PROMISES
from scenarios.library import stories
from scenarios.requirements import looks
from tests.guilty.defects import DEFECTS, Defect

HOW = f"""\
A judge is tested by the guilty. `tests/guilty` holds a small bridge that shares no code with the
kit, runs in a process of its own, and keeps all promises; and {len(DEFECTS)} switches, each of
which makes one thing wrong that countries did or nearly did. A defect has to be convicted by its
own story, of its own requirements and promises, and a story that has nothing to do with it has to
acquit the same bridge.

Without a switch the bridge is acquitted with OpenCRVS 1.9, 2.0 and 2.1, and so is one that answers
while OpenCRVS waits and never subscribes. Some defects and some stories of the honest one are tried
each time; all of both with

```sh
.venv/bin/python -m pytest tests/guilty --defects
```

which takes about an hour on two cores: a defect from one to thirty seconds beside the start of all
parts, since a bridge that waits in silence has to be waited for."""
BEYOND = """\
## What no seeded defect covers

These requirements of a bridge are looked at by stories, and no switch breaks one on purpose: that
their stories convict a guilty bridge is not shown here. The small bridge has no list of unfinished
registrations (`FIELD-END`), counts no numbers (`FIELD-NUM`), waits at one action only
(`FIELD-VER-05`), applies for nobody (`FIELD-POL-03`), stands before no country config (`FIELD-FRO`)
and asks for no fee (`FIELD-PAY`). The others are left to further switches."""


def convicting(defect: Defect) -> list[str]:
    """The requirements by which a defect is convicted: those of its check, and of the promises it breaks."""
    found = [one.id for one in looks() if one.where == defect.story and _says(one.check, defect)]
    found += [one.shows for one in PROMISES if one.number in defect.promises and one.shows]
    if "crashed" in defect.says:
        found.append("FIELD-CRA-04")
    if "could not" in defect.says:
        found.append("OCRVS-TRG-16")
    if not found:
        found = [next(one.id for one in looks() if one.where == defect.story)]
    return sorted(set(found))


def uncovered() -> list[str]:
    """Requirements that stories look at, and by which no defect is convicted."""
    names = {story.name for story in stories()}
    seen = {one.id for one in looks() if one.where in names}
    return sorted(seen - {requirement for one in DEFECTS for requirement in convicting(one)})


def _says(check: str, defect: Defect) -> bool:
    parts = [part for part in check.split("…") if part.strip()]
    return bool(defect.says) and (
        defect.says in check or bool(parts and all(part in defect.says for part in parts))
    )


def defects_page() -> str:
    rows = [
        (
            code(one.name),
            code(one.story),
            ", ".join(map(code, convicting(one))),
            ", ".join(map(str, sorted(one.promises))),
        )
        for one in DEFECTS
    ]
    head = ("Switch", "Convicted by", "Of the requirements", "Promises broken")
    return page("Seeded defects", HOW, table(head, rows), BEYOND, ", ".join(map(code, uncovered())))

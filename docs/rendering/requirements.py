"""The page of requirements: what is asked of whom, and which story, check or test looks at it. Pure."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from docs.rendering.markdown import code, page, table
from scenarios.requirements import Owner, looks, requirements

TESTS = Path(__file__).parents[2] / "tests"

WORDS = {
    Owner.BRIDGE: "a bridge",
    Owner.COUNTRY_SERVER: "a country's server",
    Owner.OPENCRVS: "an OpenCRVS",
    Owner.ID_SYSTEM: "an ID system",
}

HOW = """\
Each sentence says one thing that the protocol asks, of whom, and where it is written. A check of a story or
of a foreign part names the ids that it is a look at, and so does a test of the kit's own suite; this page is
made from both. In a terminal: `rehearse requirements --for bridge`. What a run says about them
is [a result that others can check](../how-to/a-result-that-others-can-check.md)."""


def requirements_page() -> str:
    every = requirements().values()
    seen: dict[str, list[str]] = defaultdict(list)
    for look in looks():
        link = f"[{code(look.where)}](scenarios.md#{look.where})"
        seen[look.id].append(link if _is_story(look.where) else look.where.replace("_", "\\_"))
    for one, test in marks():
        seen[one].append(f"test {code(test)}")
    rows = [
        (
            WORDS[owner],
            str(sum(one.owes is owner for one in every)),
            str(sum(one.owes is owner and bool(seen[one.id]) for one in every)),
        )
        for owner in Owner
    ]
    parts = [HOW, table(("Of", "Asked", "Looked at"), rows)]
    for area in dict.fromkeys((one.id.rpartition("-")[0], one.area, one.source) for one in every):
        parts += [f"## {area[0]}: {area[1]}", f"Source: {area[2]}."]
        mine = [one for one in every if one.id.rpartition("-")[0] == area[0]]
        parts.append(
            table(
                ("Id", "Owed by", "What must be", "What looks at it"),
                [
                    (
                        code(one.id),
                        WORDS[one.owes],
                        one.must,
                        ", ".join(dict.fromkeys(seen[one.id])) or f"nothing: {one.unobserved}",
                    )
                    for one in mine
                ],
            )
        )
    return page("Requirements", *parts)


def _is_story(where: str) -> bool:
    return (TESTS.parent / "scenarios" / "scripts" / f"{where}.py").exists()


def marks() -> Iterator[tuple[str, str]]:
    """The ids that tests name (`@pytest.mark.requirement(…)`), each with the test's name."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(TESTS.rglob("test_*.py")))
    for text in (text for text in texts if "mark.requirement(" in text):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.requirement":
                        yield from ((ast.literal_eval(one), node.name) for one in mark.args)

"""The dashboard and the alert rules of deploy/ are read by Prometheus, and ask for what the bridge tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.kit import ROOT
from tests.servers.bridge.asking import ask
from tests.servers.bridge.conftest import Stage
from tests.servers.bridge.test_certificates import files
from tests.servers.bridge.test_failure import GATEWAYS

BOARD = json.loads((ROOT / "deploy/grafana/bridge.json").read_text(encoding="utf-8"))
[GROUP] = yaml.safe_load((ROOT / "deploy/prometheus/bridge.rules.yaml").read_text(encoding="utf-8"))["groups"]
QUERIES = [(p["title"], t["expr"]) for p in BOARD["panels"] for t in p["targets"]]
ALERTS = [(rule["alert"], rule["expr"]) for rule in GROUP["rules"]]


def selectors(expression: Any) -> Iterator[promql.VectorSelector]:
    """Every metric that an expression asks for."""
    if isinstance(expression, promql.VectorSelector):
        yield expression
    elif isinstance(expression, promql.MatrixSelector):
        yield expression.vector_selector
    for name in ("expr", "lhs", "rhs"):
        if (part := getattr(expression, name, None)) is not None:
            yield from selectors(part)
    for argument in getattr(expression, "args", ()):
        yield from selectors(argument)


def grouped(expression: Any) -> Iterator[str]:
    """The labels by which it is put together."""
    if isinstance(expression, promql.AggregateExpr) and expression.modifier is not None:
        yield from expression.modifier.labels
    for part in (getattr(expression, name, None) for name in ("expr", "lhs", "rhs")):
        if part is not None:
            yield from grouped(part)


def test_the_walk_finds_what_is_asked_for() -> None:
    found = promql.parse('sum by (a) (rate(x[5m])) / on (b) (max(y{c="d"}) > 0 or absent(z))')
    assert {each.name for each in selectors(found)} == {"x", "y", "z"} and set(grouped(found)) == {"a"}


async def exported(stage: Stage) -> dict[str, dict[str, set[str]]]:
    """Sample name → label → its values, of a bridge that has seen every kind of trouble."""
    _, text = await ask(stage, "GET", "/metrics", token=None)
    told: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        told.setdefault(family.name, {})
        for sample in family.samples:
            labels = told.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return told


@pytest.fixture
async def telling(stage: Stage, tmp_path: Any) -> dict[str, dict[str, set[str]]]:
    await stage.restart(kill=False, rate="nid=1", **files(tmp_path, stage.world.clock.now()))
    stage.mosip.faults["createPacket"] = [GATEWAYS["404 Kong"]] * 99  # type: ignore[list-item]
    for _ in range(9):
        await stage.submitted()
    await stage.world.clock.advance(60)
    return await exported(stage)


async def test_every_metric_and_label_that_is_asked_for_is_told(
    telling: dict[str, dict[str, set[str]]],
) -> None:
    asked = set()
    for place, text in QUERIES + ALERTS:
        expression = promql.parse(text)
        wanted = list(selectors(expression))
        for each in wanted:
            assert each.name in telling, f"{place} asks for {each.name}"
            asked.add(each.name)
            for matcher in each.matchers.matchers:
                assert matcher.name in telling[each.name], f"{place}: {each.name} has no label {matcher.name}"
        labels = {label for each in wanted for label in telling[each.name]}
        assert set(grouped(expression)) <= labels, place
    families = {name.removesuffix("_bucket") for name in asked}
    whole = {name for name in telling if name.startswith("bridge_")}
    parts = ("_bucket", "_gcount", "_gsum", "_created")
    counted = {name.removesuffix("_total") for name in whole if name.endswith("_total")}
    assert {name for name in whole if not name.endswith(parts)} - counted == families, (
        "some are shown nowhere"
    )


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    assert len({name for name, _ in ALERTS}) == len(ALERTS)
    for rule in GROUP["rules"]:
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_panels_do_not_cover_each_other() -> None:
    taken = [
        (x, y)
        for panel in BOARD["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken)) and max(x for x, _ in taken) < 24
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {"${datasource}"}

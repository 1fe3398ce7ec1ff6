"""A contract as a page to read: one HTML file without scripts, so that a server shows it without internet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from textwrap import indent
from typing import Any

import yaml
from pydantic import TypeAdapter

from mock_nid.packets.plans import Plan
from mock_nid.seams import SEAMS as NID_SEAMS
from mock_opencrvs.app import SEAMS as OPENCRVS_SEAMS
from testbed.faults import Fault
from wire.environment import texts_below
from wire.openapi import FOLDER

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { border-bottom: 1px solid #ccc; margin-top: 3rem }
h3 code { font-size: 1rem }
pre { background: #f5f5f5; padding: .6rem; overflow-x: auto; font-size: .85rem }
table { border-collapse: collapse }
td { padding: .1rem .8rem .1rem 0; vertical-align: top }
nav a { margin-right: 1rem }
.text { white-space: pre-line }
.method { text-transform: uppercase; font-weight: bold; display: inline-block; min-width: 4rem }
"""

Json = Mapping[str, Any]


_MADE = (
    "    # from here to the next such line made by `make docs` from "
    "testbed/faults.py and mock_nid/packets/plans.py\n"
)


class _Dumper(yaml.SafeDumper):
    """Writes out what occurs twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def contract_text(name: str) -> str:
    """`wire/openapi/<name>.yaml` with the schemas of misbehaviour as the code has them now."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    if name not in _SCHEMAS:
        return text
    before, _, after = text.split(_MADE)
    made = yaml.dump(
        _SCHEMAS[name](),
        Dumper=_Dumper,
        sort_keys=False,
        width=106,
        allow_unicode=True,
        default_flow_style=None,
    )
    return _MADE.join((before, indent(made, "    "), after))


def _schema(model: type) -> dict[str, Any]:
    """The JSON schema of a dataclass on one level, without the titles that repeat names."""
    whole = TypeAdapter(model).json_schema()
    kinds = whole.pop("$defs", {})
    for name, text in texts_below(model).items():
        whole["properties"][name] = dict(sorted({**whole["properties"][name], "description": text}.items()))

    def plain(part: Any) -> Any:
        if isinstance(part, list):
            return [plain(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            named = kinds[part["$ref"].rpartition("/")[2]]
            part = {"type": named["type"], "enum": named["enum"], **part}
        return {key: plain(value) for key, value in part.items() if key not in ("title", "$ref")}

    shown: dict[str, Any] = plain(whole)
    shown["properties"] = {name: plain(value) for name, value in whole["properties"].items()}
    return shown


def _faults(seams: Iterable[str]) -> dict[str, Any]:
    fault = _schema(Fault)
    fault["properties"]["seam"]["enum"] = list(seams)
    numbers = {"number": {"type": "integer"}, "struck": {"type": "integer", "description": "how often"}}
    armed = {
        **fault,
        "properties": {**numbers, **fault["properties"]},
        "required": ["number", "seam", "kind"],
    }
    return {"Fault": fault, "ArmedFault": armed}


def _plans() -> dict[str, Any]:
    plan = _schema(Plan)
    outcome = plan["properties"]["outcome"]
    details = {name: value for name, value in plan["properties"].items() if name != "outcome"}
    text = f"^({'|'.join(outcome['enum'])})(:[A-Za-z ]+)?(@[0-9]{{1,6}})?$"
    return {
        "PlanDetails": {**plan, "properties": details},
        "Plan": {"anyOf": [{"type": "string", "pattern": text}, {**plan, "required": ["outcome"]}]},
    }


_SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "mock_nid": lambda: _faults(NID_SEAMS) | _plans(),
    "mock_opencrvs": lambda: _faults(OPENCRVS_SEAMS),
}


def contract_page(name: str) -> str:
    """The page of `wire/openapi/<name>.yaml`."""
    contract = yaml.safe_load(contract_text(name))
    return "\n".join(_page(contract)) + "\n"


def _page(contract: Json) -> Iterator[str]:
    title = escape(contract["info"]["title"])
    yield "<!DOCTYPE html>"
    yield "<!-- Made by `make docs` from the contract. Change the contract, not this page. -->"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head>'
    yield f"<body><h1>{title}</h1>"
    yield _text(contract["info"].get("description", ""))
    yield '<p>The contract itself: <a href="/openapi.yaml">/openapi.yaml</a></p>'
    tags = contract.get("tags", [])
    links = "".join(f'<a href="#{_anchor("tag", tag["name"])}">{escape(tag["name"])}</a>' for tag in tags)
    yield f'<nav>{links}<a href="#schemas">schemas</a></nav>'
    for tag in tags:
        yield f'<h2 id="{_anchor("tag", tag["name"])}">{escape(tag["name"])}</h2>'
        yield _text(tag.get("description", ""))
        for where in ("paths", "webhooks"):
            for path, item in contract.get(where, {}).items():
                for method in _METHODS:
                    if method in item and tag["name"] in item[method].get("tags", ()):
                        yield from _operation(method, path, item, item[method])
    yield '<h2 id="schemas">schemas</h2>'
    for kind, parts in contract.get("components", {}).items():
        for name, part in parts.items():
            yield f'<h3 id="{_anchor(kind, name)}"><code>{escape(name)}</code> <small>{kind}</small></h3>'
            yield _yaml(part)
    yield "</body></html>"


def _operation(method: str, path: str, item: Json, operation: Json) -> Iterator[str]:
    yield f'<h3><span class="method">{method}</span> <code>{escape(path)}</code></h3>'
    yield _text(operation.get("summary", ""))
    yield _text(operation.get("description", ""))
    parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
    if parameters:
        yield f"<table>{''.join(map(_parameter, parameters))}</table>"
    if "requestBody" in operation:
        yield f"<details><summary>request</summary>{_yaml(operation['requestBody'])}</details>"
    for status, response in operation.get("responses", {}).items():
        told = escape(response.get("description", _referred(response)))
        yield f"<details><summary>{escape(str(status))} {told}</summary>{_yaml(response)}</details>"


def _parameter(parameter: Json) -> str:
    if "$ref" in parameter:
        return f"<tr><td colspan=3>{_yaml(parameter)}</td></tr>"
    told = escape(parameter.get("description", ""))
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{parameter['in']}</td><td>{told}</td></tr>"
    )


def _referred(part: Json) -> str:
    return str(part.get("$ref", "")).rpartition("/")[2]


def _text(text: str) -> str:
    return f'<p class="text">{escape(text.strip())}</p>' if text.strip() else ""


def _yaml(value: Any) -> str:
    """The part as YAML; what it refers to is a link."""
    lines = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100).splitlines()
    return f"<pre>{chr(10).join(map(_line, lines))}</pre>"


def _line(line: str) -> str:
    before, found, reference = line.partition("$ref: ")
    target = reference.strip("'\"")
    if not found or not target.startswith("#/components/"):
        return escape(line)
    _, _, kind, name = target.split("/", 3)
    return f'{escape(before)}$ref: <a href="#{_anchor(kind, name)}">{escape(name)}</a>'


def _anchor(kind: str, name: str) -> str:
    return escape(f"{kind}-{name}".replace(" ", "-"))

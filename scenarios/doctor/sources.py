"""Where a country's environment is written down: a file of variables, compose, Helm, a process. An edge."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bridge.settings import Settings
from scenarios.doctor.findings import Finding, finding
from scenarios.doctor.names import MEDIATORS, tell
from wire.entry import CannotBegin

_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?:(:?[-?+])([^}]*))?\}|\$(\w+)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LARGEST = 4 * 2**20
_SHOWN = 5
_OURS = {str(field.alias) for field in Settings.model_fields.values()} | MEDIATORS


class Plain(str):
    """A text that stood in YAML without quotes."""

    __slots__ = ()


@dataclass(frozen=True)
class ProcessEnvironment:
    """The variables of one process as they were written, and what is known about where it runs.

    `mounts`: path inside → path here, None when it is kept elsewhere; None as a whole: there is no container.
    `neighbours`: variables of other services of the file.
    """

    name: str
    values: Mapping[str, str]
    read: tuple[Finding, ...] = ()
    mounts: Mapping[str, Path | None] | None = None
    services: frozenset[str] = frozenset()
    neighbours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    whole: bool = True
    """Whether what is not here is not given at all; a chart's templates may give more."""

    def here(self, path: Path) -> Path | None:
        """Where a path of the process can be read from here; None when it cannot."""
        if self.mounts is None:
            return path
        for inside in sorted(self.mounts, key=len, reverse=True):
            if path == Path(inside) or path.is_relative_to(inside):
                outside = self.mounts[inside]
                return None if outside is None else outside / path.relative_to(inside)
        return None


def of_process(variables: Mapping[str, str], name: str = "the environment") -> ProcessEnvironment:
    return ProcessEnvironment(name, dict(variables))


def of_pid(pid: int) -> ProcessEnvironment:
    """The variables with which a running process was started. CannotBegin."""
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError as error:
        raise CannotBegin(f"process {pid} cannot be looked at: {error.strerror}") from None
    pairs = (part.partition("=") for part in content.decode(errors="replace").split("\0") if "=" in part)
    return of_process({name: value for name, _, value in pairs}, f"process {pid}")


def _content(path: Path) -> bytes:
    """What a file holds, or a pipe. CannotBegin when it cannot be read or has no end."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > _LARGEST:
        raise CannotBegin(f"{path} is larger than {_LARGEST // 2**20} MiB: no file of variables is")
    return content


def of_file(path: Path, service: str | None, shell: Mapping[str, str]) -> ProcessEnvironment:
    """A file of variables; or, when it is YAML, the service that has most of the names. CannotBegin."""
    try:
        text = _content(path).decode("utf-8")
    except ValueError:
        raise CannotBegin(f"{path} is no text in UTF-8") from None
    if path.suffix.lower() not in (".yaml", ".yml"):
        if not tell(_NAME.findall(text)):
            raise CannotBegin(f"{path} has no variables of a bridge or mediator")
        values, found = variables(text, path.name)
        return ProcessEnvironment(path.name, values, tuple(found))
    try:
        documents = [each for each in yaml.load_all(text, _Texts) if isinstance(each, dict)]
    except yaml.YAMLError as error:
        raise CannotBegin(f"{path} is no YAML: {' '.join(str(error).split())[:200]}") from None
    compose = next((each for each in documents if isinstance(each.get("services"), dict)), None)
    made = _compose(path, compose, shell) if compose is not None else dict(_charts(path, documents))
    return _chosen(path, made, service)


def variables(text: str, name: str) -> tuple[dict[str, str], list[Finding]]:
    """`NAME=value` lines, as a container engine reads them: what stands behind the `=` is the value."""
    values: dict[str, str] = {}
    found = []
    if text.startswith("\ufeff"):
        found.append(finding("FILE-BYTE-ORDER-MARK", name))
    lines = enumerate(text.removeprefix("\ufeff").split("\n"), start=1)
    told = {at: line for at, line in lines if line.strip() and not line.lstrip().startswith("#")}
    if told and all(line.endswith("\r") for line in told.values()):
        found.append(finding("FILE-CARRIAGE-RETURNS", name))
        told = {at: line.rstrip("\r") for at, line in told.items()}
    unreadable = []
    for at, line in told.items():
        key, equals, value = line.removeprefix("export ").partition("=")
        key = key.strip()
        if not equals or not _NAME.fullmatch(key):
            unreadable.append(str(at))
            continue
        if key in values and values[key] != value:
            found.append(finding("SETTING-TWICE", f"{key} in {name}"))
        values[key] = value
    if unreadable:
        more = f" and {len(unreadable) - _SHOWN} more" if len(unreadable) > _SHOWN else ""
        found.append(finding("LINE-UNREADABLE", name, f"line {', '.join(unreadable[:_SHOWN])}{more}"))
    return values, found


class _Texts(yaml.SafeLoader):
    """YAML whose values stay texts as they were written; merges work."""

    yaml_implicit_resolvers = {"<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]}  # noqa: RUF012


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    value = str(loader.construct_scalar(node))
    return Plain(value) if node.style is None else value


_Texts.add_constructor("tag:yaml.org,2002:str", _text)


def _chosen(path: Path, made: Mapping[str, ProcessEnvironment], service: str | None) -> ProcessEnvironment:
    known = {name: len(_OURS & one.values.keys()) if tell(one.values) else 0 for name, one in made.items()}
    if service is not None:
        if service not in made:
            raise CannotBegin(
                f"{path} has no service {service!r} with variables; it has {', '.join(made) or 'none'}"
            )
        return made[service]
    best = max(known, key=lambda name: known[name], default=None)
    if best is None or not known[best]:
        raise CannotBegin(
            f"no service of {path} has variables of a bridge or mediator; name it with --service"
        )
    return made[best]


def _compose(
    path: Path, document: Mapping[str, Any], shell: Mapping[str, str]
) -> dict[str, ProcessEnvironment]:
    beside = path.with_name(".env")
    given = dict(shell)
    if beside.exists():
        given = variables(_content(beside).decode(errors="replace"), ".env")[0] | given
    found: dict[str, tuple[dict[str, str], list[Finding]]] = {}
    services = {str(k): v for k, v in document["services"].items() if isinstance(v, dict)}
    for name, service in services.items():
        values, said = dict[str, str](), list[Finding]()
        for file in _listed(service.get("env_file")):
            where = path.parent / str(file.get("path") if isinstance(file, dict) else file)
            if where.exists():
                own, wrong = variables(_content(where).decode(errors="replace"), where.name)
                values |= own
                said += wrong
            else:
                said.append(finding("FILE-MISSING", f"env_file of {name}: {where.name}"))
        for key, value in _pairs(service.get("environment")):
            text = given.get(key, "") if value is None else value
            values[key] = _VARIABLE.sub(partial(_filled, given, said, f"{key} of {name}"), text)
        found[name] = values, said
    return {
        name: ProcessEnvironment(
            f"{path.name}, service {name}",
            values,
            tuple(said),
            mounts=dict(_mounts(services[name], path.parent)),
            services=frozenset(services),
            neighbours={other: found[other][0] for other in found if other != name},
        )
        for name, (values, said) in found.items()
        if values
    }


def _filled(given: Mapping[str, str], said: list[Finding], where: str, match: re.Match[str]) -> str:
    if match[0] == "$$":
        return "$"
    name, how, other = match[1] or match[4], match[2] or "", match[3] or ""
    value = given.get(name)
    if "-" in how and (value is None or (how == ":-" and not value)):
        return other
    if value is None or (how == ":?" and not value):
        said.append(finding("VARIABLE-UNSET", where, f"${{{name}}}"))
        return ""
    return value


def _pairs(environment: Any) -> Iterator[tuple[str, str | None]]:
    """Of a mapping or a list; None: taken from the shell."""
    if isinstance(environment, dict):
        yield from ((str(key), value if value != "" else None) for key, value in environment.items())
    for line in environment if isinstance(environment, list) else ():
        if isinstance(line, dict):  # Kubernetes: name and value
            value = line.get("value")
            yield str(line.get("name")), None if value is None else str(value)
        else:
            key, equals, value = str(line).partition("=")
            yield key, value if equals else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _mounts(service: Mapping[str, Any], base: Path) -> Iterator[tuple[str, Path | None]]:
    for one in _listed(service.get("volumes")):
        if isinstance(one, dict):
            source, target = str(one.get("source", "")), str(one.get("target", ""))
        else:
            source, _, rest = str(one).partition(":")
            target = rest.partition(":")[0]
        if target:
            yield target, (base / source).resolve() if source.startswith((".", "/", "~")) else None
    for one in _listed(service.get("secrets")):
        yield f"/run/secrets/{one.get('target', one.get('source')) if isinstance(one, dict) else one}", None


def _charts(path: Path, documents: Iterable[Any]) -> Iterator[tuple[str, ProcessEnvironment]]:
    """Every `env` of Helm values or of a manifest, by the path to it."""
    every = [found for document in documents for found in _envs(document, ())]
    seen = [(" / ".join(way) or "env", owner, dict(_pairs(owner["env"]))) for way, owner in every]
    for name, owner, values in seen:
        shown = {key: value for key, value in values.items() if value is not None}
        secrets = {key for key, value in values.items() if value is None} | set(_secrets(owner))
        yield (
            name,
            ProcessEnvironment(
                f"{path.name}, {name}",
                {key: value for key, value in shown.items() if key not in secrets},
                mounts=dict.fromkeys(_mount_paths(owner)),
                services=frozenset(other.split(" / ")[-1].replace("_", "-") for other, _, _ in seen),
                neighbours={
                    other: {k: v for k, v in held.items() if v} for other, _, held in seen if other != name
                },
                whole=False,
            ),
        )


def _envs(value: Any, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("env"), dict | list):
            yield (*way, str(value["name"])) if isinstance(value.get("name"), str) else way, value
        for key, each in value.items():
            yield from _envs(each, (*way, str(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _envs(each, way)


def _secrets(owner: Mapping[str, Any]) -> Iterator[str]:
    """The variables that a chart of OpenCRVS takes from secrets: `KEY` or `KEY:VARIABLE`."""
    held = owner.get("secrets")
    for several in held.values() if isinstance(held, dict) else ():
        yield from (str(one).rpartition(":")[2] for one in _listed(several))


def _mount_paths(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("mountPath"), str):
            yield value["mountPath"]
        for each in value.values():
            yield from _mount_paths(each)
    elif isinstance(value, list):
        for each in value:
            yield from _mount_paths(each)


def shell() -> Mapping[str, str]:
    """The variables of this process: what compose fills in, or what `--env` looks at."""
    return os.environ

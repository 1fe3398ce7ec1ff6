"""`bridge country check`: whether a country's files are right, before a bridge is started with them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.common import fail, json_in
from wire.entry import CANNOT_BEGIN
from wire.opencrvs.profiles import Profile


def check_country(
    folder: Annotated[Path, typer.Argument(help="The folder that BRIDGE_COUNTRY is to name.")],
    declaration: Annotated[
        Path | None, typer.Option(help="A declaration as JSON: the packet that it makes is shown.")
    ] = None,
    event: Annotated[str, typer.Option(help="The event type of the declaration.")] = "birth",
    profile: Annotated[
        Profile, typer.Option(envvar="OPENCRVS_PROFILE", help="The OpenCRVS that it is to serve.")
    ] = Profile.V2_0,
    forms: Annotated[
        Path | None, typer.Option(help="The forms, as `/config/events` of a country config has them (JSON).")
    ] = None,
) -> None:
    """Whether a country's files are right; with a declaration its packet, and what the ID schema says."""
    from bridge.country.faults import checked, faults_of, idle_rules, lacking_fields
    from bridge.country.mappings import kinds_of
    from bridge.opencrvs.forms import fields_of

    if faults := faults_of(folder, profile) or list(idle_rules(folder, profile)):
        fail("\n".join(faults))
    if forms is not None:
        found = fields_of(json_in(forms))
        if found is None:
            fail(f"{forms}: a list of event configurations is due, as /config/events answers", CANNOT_BEGIN)
        if faults := list(lacking_fields(folder, found)):
            fail("\n".join(faults))
    typer.echo(f"{folder}: {', '.join(sorted(kinds_of(folder)))}; no fault found")
    if declaration is None:
        return
    given = json_in(declaration)
    if not isinstance(given, dict):
        fail(f"{declaration}: an object is due, from field to value", CANNOT_BEGIN)
    fields, wrong = checked(folder, event, given)
    typer.echo(json.dumps(fields, indent=2, ensure_ascii=False))
    if wrong:
        fail("\n".join(wrong))
    typer.echo("the ID schema takes it")

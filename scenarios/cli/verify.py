"""`rehearse verify`: a bridge, an ID system or an OpenCRVS that is not ours, judged from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.commands import CannotBegin
from scenarios.cli.options import (
    DEFAULT_KEYS,
    AuthPort,
    Badge,
    EsignetPort,
    GatewayPort,
    Html,
    Junit,
    Keys,
    Locale,
    Markdown,
    Names,
    Ndjson,
    NidPort,
    OneProfile,
    Product,
    Quiet,
    Reports,
    Result,
    SigningKey,
    Tags,
    Verbose,
    chosen,
    one_profile,
    ready,
    tells,
)
from scenarios.cli.results import check_result
from scenarios.events import Listener
from scenarios.reports.screen import screen
from wire import loop

VERIFY_EXAMPLES = (
    "Examples: [bold]rehearse verify --bridge http://127.0.0.1:3040[/] · "
    "[bold]rehearse verify --bridge http://127.0.0.1:3040 --mediator http://127.0.0.1:2024 "
    "--operations-token SECRET --bridge-log bridge.log async_delay[/] · "
    '[bold]rehearse verify --bridge http://127.0.0.1:3040 --kill "docker kill bridge" '
    '--start "docker start bridge" --polls-every 2 --renews-every 2[/] · '
    "[bold]rehearse verify --nid https://mosip.example --callback https://me.example/websub/callback[/] · "
    "[bold]rehearse verify --opencrvs http://127.0.0.1:7070 --client-id ID --client-secret SECRET[/] · "
    "[bold]rehearse verify --opencrvs https://gateway.example --auth https://auth.example --profile 2.1[/]"
)
_OF_BRIDGE, _OF_NID, _OF_OPENCRVS = "With --bridge", "With --nid", "With --opencrvs"
_OF_RESULT = "With --check"


def verify(
    names: Names = None,
    bridge: Annotated[
        str, typer.Option(help="Where OpenCRVS calls your server (the trigger).", rich_help_panel=_OF_BRIDGE)
    ] = "",
    mediator: Annotated[
        str,
        typer.Option(
            help="Where the ID system's hub calls it; default: the same address.", rich_help_panel=_OF_BRIDGE
        ),
    ] = "",
    operations_token: Annotated[
        str | None,
        typer.Option(help="Opens the bridge's /operations list, if it has one.", rich_help_panel=_OF_BRIDGE),
    ] = None,
    bridge_log: Annotated[
        Path | None,
        typer.Option(help="The bridge's log file, to be read for leaks.", rich_help_panel=_OF_BRIDGE),
    ] = None,
    kill: Annotated[
        str | None,
        typer.Option(help="Command that ends the bridge as a crash would.", rich_help_panel=_OF_BRIDGE),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="Command that starts it again, and returns: with --kill, and after a crash.",
            rich_help_panel=_OF_BRIDGE,
        ),
    ] = None,
    polls_every: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="How often the bridge asks for packets that stay silent, in seconds. Let it do so every few "
            "seconds here.",
            rich_help_panel=_OF_BRIDGE,
        ),
    ] = None,
    renews_every: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="How often it subscribes anew at the hub, in seconds.",
            rich_help_panel=_OF_BRIDGE,
        ),
    ] = None,
    gateway_port: GatewayPort = None,
    auth_port: AuthPort = None,
    nid_port: NidPort = None,
    esignet_port: EsignetPort = None,
    nid: Annotated[
        str,
        typer.Option(
            help="Base address of the ID system. All else is told by the bridge's own variables (MOSIP_…).",
            rich_help_panel=_OF_NID,
        ),
    ] = "",
    callback: Annotated[
        str | None,
        typer.Option(
            help="How the hub reaches us; default: /websub/callback at HOST and PORT (127.0.0.1, 2024).",
            envvar="MOSIP_WEBSUB_CALLBACK_URL",
            rich_help_panel=_OF_NID,
        ),
    ] = None,
    known_person: Annotated[
        str | None,
        typer.Option(
            help="An adult whom the ID system knows: NUMBER,NAME,YYYY-MM-DD. A death of this person is "
            "played against it.",
            rich_help_panel=_OF_NID,
        ),
    ] = None,
    opencrvs: Annotated[
        str, typer.Option(help="Address of the gateway of OpenCRVS.", rich_help_panel=_OF_OPENCRVS)
    ] = "",
    auth: Annotated[
        str,
        typer.Option(
            help="Its auth service; default: port 4040 of the same host.",
            envvar="OPENCRVS_AUTH_URL",
            rich_help_panel=_OF_OPENCRVS,
        ),
    ] = "",
    public_key: Annotated[
        str,
        typer.Option(
            help="Where its public key is; default: /.well-known of the auth service.",
            envvar="OPENCRVS_PUBLIC_KEY_URL",
            rich_help_panel=_OF_OPENCRVS,
        ),
    ] = "",
    client_id: Annotated[
        str | None,
        typer.Option(
            help="A system client there.", envvar="OPENCRVS_CLIENT_ID", rich_help_panel=_OF_OPENCRVS
        ),
    ] = None,
    client_secret: Annotated[
        str | None,
        typer.Option(help="Its secret.", envvar="OPENCRVS_CLIENT_SECRET", rich_help_panel=_OF_OPENCRVS),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            help="A token, of a person or of a client, in place of a client's secret.",
            envvar="OPENCRVS_TOKEN",
            rich_help_panel=_OF_OPENCRVS,
        ),
    ] = None,
    allow_changes: Annotated[
        bool,
        typer.Option(
            "--allow-changes",
            help="Also make two empty records there, and delete them if the token may.",
            rich_help_panel=_OF_OPENCRVS,
        ),
    ] = False,
    patience: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help="Longest wait for a foreign part, in seconds; else 60 until a bridge subscribes and then "
            "30, or "
            "75 when it does not listen to every topic; 300 for an ID system.",
        ),
    ] = None,
    tags: Tags = None,
    profile: OneProfile = "2.0",
    locale: Locale = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    html: Html = None,
    junit: Junit = None,
    ndjson: Ndjson = None,
    markdown: Markdown = None,
    result: Result = None,
    badge: Badge = None,
    product: Product = "",
    signing_key: SigningKey = None,
    check: Annotated[
        Path | None,
        typer.Option(help="Play nothing: check this result and its signature.", rich_help_panel=_OF_RESULT),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="The NDJSON of that run, whose digest the result names.", rich_help_panel=_OF_RESULT
        ),
    ] = None,
    signed_by: Annotated[
        str | None,
        typer.Option(help="Thumbprint of the key that must have signed it.", rich_help_panel=_OF_RESULT),
    ] = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play the scenarios against a part of your own that runs somewhere else, and judge what it does.

    Name one part. With --bridge the mocks listen on 7070, 4040, 20240 and 20260, or where you say: point your
    bridge there and start it. With --nid our OpenCRVS and our bridge work with your ID system, and send it
    packets. With --opencrvs your OpenCRVS is asked what your token allows, and nothing in it is changed.

    What a foreign part makes impossible, or does not offer, is reported as not played, never as passed.
    Ends with status 1 when something failed or a promise was broken, and 2 when the part cannot be reached.

    With --result it leaves a document that others can check with --check: 1 when it was changed.
    """
    if check is not None:
        check_result(check, evidence, signed_by)
        return
    if sum(map(bool, (bridge, nid, opencrvs))) != 1:
        raise _wrong("name one part: --bridge URL, --nid URL or --opencrvs URL", "--bridge")
    if kill is not None and start is None:
        raise _wrong("--kill needs --start: what is killed must be started again", "--kill")
    if locale and opencrvs:
        raise _wrong("no families are declared with --opencrvs", "--locale")
    one_profile(profile)
    written = Reports.tried(
        html=html, junit=junit, ndjson=ndjson, markdown=markdown, result=result, badge=badge
    )
    ready(keys)

    from scenarios.foreign import targets
    from scenarios.foreign.hooks import NotThere
    from scenarios.reports.terminal import TerminalReport
    from scenarios.stage.ports import WantedPorts
    from wire.http.listening import CannotListen

    console = screen()
    try:
        if bridge:
            target = targets.bridge(
                bridge,
                mediator,
                operations_token,
                bridge_log,
                kill,
                start,
                polls_every,
                renews_every,
                patience,
                profile,
                locale,
                keys,
                WantedPorts(gateway_port, auth_port, nid_port, esignet_port),
                console,
            )
        elif nid:
            target = targets.id_system(nid, callback, known_person, patience, keys)
        else:
            target = targets.registry(
                opencrvs, auth, public_key, client_id, client_secret, token, allow_changes
            )
    except targets.NotUsable as error:
        raise _wrong(str(error), error.option) from None
    stories = chosen(names, tags, target.known)
    told = tells(stories, names, quiet=quiet, verbose=verbose)
    report = TerminalReport(
        console, tells=told, brief=True, quiet=quiet, again=target.again, files=written.files()
    )
    judged = target.subject(product)
    listeners: list[Listener] = [report, *written.listeners(judged, keys, signing_key)]
    try:
        ended = loop.run(target.play(stories, profile, locale, listeners), plain=True)
    except (NotThere, CannotListen) as error:
        raise CannotBegin(str(error)) from None
    if ended.interrupted:
        raise typer.Exit(loop.INTERRUPTED)
    if ended.failed:
        raise typer.Exit(1)


def _wrong(text: str, option: str) -> typer.BadParameter:
    return typer.BadParameter(text, param_hint=option)

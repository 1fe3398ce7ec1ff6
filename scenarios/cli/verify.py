"""`rehearse verify`: a bridge, an ID system or an OpenCRVS that is not ours, judged from outside."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.cli.commands import again
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
    address,
    chosen,
    one_profile,
    ready,
    tells,
    whole_address,
)
from scenarios.cli.results import check_result
from scenarios.reports.screen import screen
from wire.entry import INTERRUPTED

if TYPE_CHECKING:
    from scenarios.events import Listener

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
_of_bridge = partial(typer.Option, rich_help_panel="With --bridge")
_of_nid = partial(typer.Option, rich_help_panel="With --nid")
_of_opencrvs = partial(typer.Option, rich_help_panel="With --opencrvs")
_of_result = partial(typer.Option, rich_help_panel="With --check")


def verify(
    ctx: typer.Context,
    names: Names = None,
    bridge: Annotated[
        str, _of_bridge(callback=address, help="Where OpenCRVS calls your server (the trigger).")
    ] = "",
    mediator: Annotated[
        str,
        _of_bridge(callback=address, help="Where the ID system's hub calls it; default: the same address."),
    ] = "",
    operations_token: Annotated[
        str | None, _of_bridge(help="Opens the bridge's /operations list, if it has one.")
    ] = None,
    bridge_log: Annotated[
        Path | None, _of_bridge(dir_okay=False, help="The bridge's log file, to be read for leaks.")
    ] = None,
    kill: Annotated[str | None, _of_bridge(help="Command that ends the bridge as a crash would.")] = None,
    start: Annotated[
        str | None,
        _of_bridge(help="Command that starts it again, and returns: with --kill, and after a crash."),
    ] = None,
    polls_every: Annotated[
        float | None,
        _of_bridge(
            min=0.1,
            help="How often the bridge asks for packets that stay silent, in seconds. Let it do so every few "
            "seconds here.",
        ),
    ] = None,
    renews_every: Annotated[
        float | None, _of_bridge(min=0.1, help="How often it subscribes anew at the hub, in seconds.")
    ] = None,
    country_config_port: Annotated[
        int | None,
        _of_bridge(
            min=1,
            max=65535,
            help="The bridge stands before a country config, and looks for it at this port of ours: it gives "
            "the number CC-TRACKINGID.",
        ),
    ] = None,
    payments_port: Annotated[
        int | None,
        _of_bridge(
            min=1,
            max=65535,
            help="A birth costs a fee: the bridge asks at this port of ours, PUT /payments/TRACKINGID with "
            '{"record": EVENTID}, and rejects after 15 to 20 seconds without.',
        ),
    ] = None,
    gateway_port: GatewayPort = None,
    auth_port: AuthPort = None,
    nid_port: NidPort = None,
    esignet_port: EsignetPort = None,
    nid: Annotated[
        str,
        _of_nid(
            callback=address,
            help="Base address of the ID system. All else is told by the bridge's own variables (MOSIP_…).",
        ),
    ] = "",
    callback: Annotated[
        str | None,
        _of_nid(
            callback=whole_address,
            help="How the hub reaches us; default: /websub/callback at HOST and PORT (127.0.0.1, 2024).",
            envvar="MOSIP_WEBSUB_CALLBACK_URL",
        ),
    ] = None,
    known_person: Annotated[
        str | None,
        _of_nid(
            help="An adult whom the ID system knows: NUMBER,NAME,YYYY-MM-DD. A death of this person is "
            "played against it."
        ),
    ] = None,
    opencrvs: Annotated[str, _of_opencrvs(callback=address, help="Address of the gateway of OpenCRVS.")] = "",
    auth: Annotated[
        str,
        _of_opencrvs(
            callback=address,
            help="Its auth service; default: port 4040 of the same host.",
            envvar="OPENCRVS_AUTH_URL",
        ),
    ] = "",
    public_key: Annotated[
        str,
        _of_opencrvs(
            callback=whole_address,
            help="Where its public key is; default: /.well-known of the auth service.",
            envvar="OPENCRVS_PUBLIC_KEY_URL",
        ),
    ] = "",
    client_id: Annotated[
        str | None, _of_opencrvs(help="A system client there.", envvar="OPENCRVS_CLIENT_ID")
    ] = None,
    client_secret: Annotated[
        str | None, _of_opencrvs(help="Its secret.", envvar="OPENCRVS_CLIENT_SECRET")
    ] = None,
    token: Annotated[
        str | None,
        _of_opencrvs(
            help="A token, of a person or of a client, in place of a client's secret.",
            envvar="OPENCRVS_TOKEN",
        ),
    ] = None,
    allow_changes: Annotated[
        bool,
        _of_opencrvs(
            "--allow-changes", help="Also make two empty records there, and delete them if the token may."
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
        Path | None, _of_result(help="Play nothing: check this result and its signature.")
    ] = None,
    evidence: Annotated[
        Path | None, _of_result(help="The NDJSON of that run, whose digest the result names.")
    ] = None,
    signed_by: Annotated[
        str | None, _of_result(help="Thumbprint of the key that must have signed it.")
    ] = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Play the scenarios against a part of your own that runs somewhere else, and judge what it does.

    Name one part. With --bridge the mocks listen on 7070, 4040, 20240 and 20260, or where you say: point your
    bridge there and start it. With --nid our OpenCRVS and our bridge work with your ID system, and send it
    packets. With --opencrvs your OpenCRVS is asked what your token allows, and nothing in it is changed.

    What a foreign part makes impossible, or does not offer, is reported as not played, never as passed.
    Ends with status 1 when something failed, a promise was broken or a report cannot be written, and 2 when
    the part cannot be reached.

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
    from scenarios.foreign.bridge import Foreign
    from scenarios.foreign.hooks import Commands
    from scenarios.reports.terminal import TerminalReport
    from wire import loop
    from wire.world import World

    console = screen()
    try:
        if bridge:
            addresses = (bridge.rstrip("/"), (mediator or bridge).rstrip("/"))
            foreign = Foreign(
                *addresses,
                operations_token or None,
                bridge_log,
                patience,
                Commands(kill or "", start, addresses, World.system()) if start else None,
                polls_every,
                renews_every,
                country_config_port,
                payments_port,
            )
            ports = {"gateway": gateway_port, "auth": auth_port, "nid": nid_port, "esignet": esignet_port}
            target = targets.bridge(foreign, profile, locale, keys, ports, console)
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
    left = written.written(partial(target.subject, product), keys, signing_key)
    report = TerminalReport(console, tells=told, brief=True, quiet=quiet, again=again(ctx), files=left)
    listeners: list[Listener] = [left, report]
    ended = loop.run(target.play(stories, profile, locale, listeners), plain=True)
    if ended.interrupted:
        raise typer.Exit(INTERRUPTED)
    if ended.failed or left.lost:
        raise typer.Exit(1)


def _wrong(text: str, option: str) -> typer.BadParameter:
    return typer.BadParameter(text, param_hint=option)

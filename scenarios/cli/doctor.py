"""`rehearse doctor`: what is wrong with a set-up, the night before."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.options import tried

DOCTOR_EXAMPLES = (
    "Examples: [bold]rehearse doctor bridge.env[/] · "
    "[bold]rehearse doctor mediator.env --markdown ticket.md[/] · "
    "[bold]rehearse doctor compose.yaml --service bridge --json[/] · "
    "[bold]rehearse doctor values.yaml --no-ask[/] · [bold]rehearse doctor --env[/] · "
    "[bold]rehearse doctor bridge.env --declaration birth.json --partner-certificate partner.crt[/]\n\n"
    "Exit status: 0 nothing that stops the work (risks and advice may be told); 1 a fault was found, or "
    "with --strict a risk; 2 there was nothing to look at."
)


def doctor(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="NAME=value lines, or YAML: a compose file, Helm values, a manifest.", show_default=False
        ),
    ] = None,
    env: Annotated[
        bool, typer.Option("--env", help="Look at the environment of this command itself.")
    ] = False,
    pid: Annotated[int | None, typer.Option(help="Look at the environment of a running process.")] = None,
    service: Annotated[
        str | None, typer.Option(help="Which service of the YAML; else the one that has most of the names.")
    ] = None,
    program: Annotated[
        str | None,
        typer.Option("--as", help="bridge or mediator: whose environment it is; else told by its names."),
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Ask each address one harmless question.")
    ] = True,
    declaration: Annotated[
        Path | None,
        typer.Option(help="JSON: a declaration, a record, or a packet, that is sent through the mapping."),
    ] = None,
    country: Annotated[
        Path | None,
        typer.Option(help="The country's folder; else BRIDGE_COUNTRY, or the shipped one."),
    ] = None,
    forms: Annotated[
        Path | None,
        typer.Option(help="JSON that event.config.get answers; else it is asked for, with a client."),
    ] = None,
    partner_certificate: Annotated[
        Path | None, typer.Option(help="The certificate that MOSIP has of the partner, as PEM.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 for risks, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    markdown: Annotated[
        Path | None, typer.Option(help="Write a ticket, sorted by whose job it is; - prints it.")
    ] = None,
) -> None:
    """Look at the set-up of a bridge or mediator before anything is sent: settings, keys, addresses, packets.

    Says of each fault what it is, where, whose job it is, and how to mend it. Each address is asked one
    harmless question: log-ins are tried, nothing is created, nobody is subscribed. No secret is ever shown.
    """
    from scenarios.doctor import sources
    from scenarios.doctor.examination import Wanted, examine
    from scenarios.doctor.findings import Severity
    from scenarios.doctor.names import ProgramKind
    from scenarios.doctor.rendering import as_json as json_of
    from scenarios.doctor.rendering import as_markdown, as_text
    from wire import loop
    from wire.world import World

    if sum((file is not None, env, pid is not None)) != 1:
        raise typer.BadParameter("name one: a FILE, --env or --pid", param_hint="FILE")
    if program not in (None, *ProgramKind):
        raise typer.BadParameter(f"it is one of {', '.join(ProgramKind)}", param_hint="--as")
    if markdown is not None and str(markdown) != "-":
        tried(markdown, "--markdown")
    if file is not None:
        source = sources.of_file(file, service, sources.shell())
    else:
        source = sources.of_pid(pid) if pid is not None else sources.of_process(sources.shell())
    wanted = Wanted(
        ProgramKind(program) if program else None, ask, declaration, country, forms, partner_certificate
    )
    report = loop.run(examine(source, wanted, World.system()))
    ticket = as_markdown(report)
    if markdown is not None and str(markdown) != "-":
        markdown.write_text(ticket, encoding="utf-8")
    typer.echo(json_of(report) if as_json else ticket if str(markdown) == "-" else as_text(report))
    risky = any(one.kind.severity is Severity.RISK for one in report.findings)
    if report.failed or (strict and risky):
        raise typer.Exit(1)

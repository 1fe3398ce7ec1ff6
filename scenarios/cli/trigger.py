"""`rehearse trigger`: one message at the server that somebody is working on."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.cli.options import (
    DEFAULT_KEYS,
    AuthPort,
    GatewayPort,
    Keys,
    OneProfile,
    address,
    one_profile,
    ready,
    whole_address,
)
from scenarios.reports.screen import screen
from wire.entry import CannotBegin

TRIGGER_EXAMPLES = (
    "Examples: [bold]rehearse trigger register --to http://127.0.0.1:3040[/] · "
    "[bold]rehearse trigger issued --to http://127.0.0.1:2024/websub/callback --packet 10001100…[/] · "
    "[bold]rehearse trigger recorded --body delivery.json --to …[/]"
)
_STEPS = ("register", "issued", "rejected", "duplicate", "forged", "recorded")


def trigger(
    step: Annotated[str, typer.Argument(help=f"What is sent: {', '.join(_STEPS)}.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            callback=whole_address,
            help="Your server: its base for register, else the hub's callback.",
        ),
    ],
    packet: Annotated[str, typer.Option(help="Packet id that the delivery is about.")] = "10001100012345678",
    number: Annotated[str, typer.Option(help="Registration number that the packet asked with.")] = "",
    secret: Annotated[
        str, typer.Option(envvar="MOSIP_WEBSUB_SECRET", help="The secret of your subscription at the hub.")
    ] = "mosip-websub-secret",
    issuer: Annotated[
        str, typer.Option(callback=address, help="ID system that the credential names.")
    ] = "http://127.0.0.1:20240",
    body: Annotated[Path | None, typer.Option(help="File of a recorded delivery, for recorded.")] = None,
    profile: OneProfile = "2.0",
    gateway_port: GatewayPort = None,
    auth_port: AuthPort = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Send one signed, sealed, realistic message to the server that you are working on, and show its answer.

    register: OpenCRVS asks about a birth, with a record token; its key is at OpenCRVS's auth port meanwhile.
    issued, rejected, duplicate (the same twice), forged (signed with another secret): what the hub delivers.
    """
    if step not in _STEPS:
        raise typer.BadParameter(f"there are: {', '.join(_STEPS)}", param_hint="STEP")
    if (step == "recorded") != (body is not None):
        raise typer.BadParameter(
            "a recorded delivery needs its file, and nothing else does", param_hint="--body"
        )
    one_profile(profile)
    ready(keys)
    try:
        content = None if body is None else body.read_bytes()
    except OSError as error:
        raise CannotBegin(f"{body} cannot be read: {error.strerror}") from None
    from scenarios import single
    from wire import loop
    from wire.world import World

    world = World.system()
    if step == "register":
        doing = single.ask_to_register(
            to,
            profile=profile,
            gateway_port=gateway_port or 0,
            auth_port=4040 if auth_port is None else auth_port,
            keys=keys,
            world=world,
        )
    else:
        doing = single.deliver(
            single.SingleMessage(step),
            to,
            packet=packet,
            number=number,
            secret=secret,
            issuer=issuer.rstrip("/"),
            keys=keys,
            body=content,
            world=world,
        )
    answers = loop.run(doing)
    out = screen()
    for sent in answers:
        out.print(f"sent {sent.what}", highlight=False, markup=False, soft_wrap=True)
        out.print(
            f"  answer: {sent.status or 'none'} {sent.answer[:500]}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    good = all(sent.taken != (step == "forged") and sent.status is not None for sent in answers)
    if step == "forged":
        out.print("refused, as it must be" if good else "NOT refused: anybody could send this", markup=False)
    if not answers or not good:
        raise typer.Exit(1)

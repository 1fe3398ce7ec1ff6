"""`rehearse serve`: the servers and the control API, for tests in any language."""

import json
from typing import Annotated

import typer

from scenarios.cli.options import (
    DEFAULT_KEYS,
    AuthPort,
    EsignetPort,
    GatewayPort,
    Keys,
    NidPort,
    OneProfile,
    address,
    one_profile,
    port,
    ready,
)

SERVE_EXAMPLES = (
    "Examples: [bold]rehearse serve --json[/] · "
    "[bold]rehearse serve --json --country-config http://127.0.0.1:3040[/]"
)


def serve(
    country_config: Annotated[
        str | None,
        typer.Option(
            callback=address,
            help="URL of your own server: OpenCRVS asks it, and our bridge is not started.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The addresses as one line of JSON.")] = False,
    profile: OneProfile = "2.0",
    seed: Annotated[int | None, typer.Option(help="Same seed, same people and ids.")] = None,
    control_port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Control API; 0 takes a free one.")
    ] = 0,
    gateway_port: GatewayPort = None,
    auth_port: AuthPort = None,
    nid_port: NidPort = None,
    esignet_port: EsignetPort = None,
    trigger_port: Annotated[
        int | None, port("--trigger-port", "Bridge for OpenCRVS.", "BRIDGE_TRIGGER_PORT")
    ] = None,
    mediator_port: Annotated[int | None, port("--mediator-port", "Bridge for the ID system.", "PORT")] = None,
    keys: Keys = DEFAULT_KEYS,
) -> None:
    """Start the mocks, our bridge and a control API for tests in any language.

    Ports are free ones where you name none. When all is ready, the addresses are printed; the servers end
    with the process that started them, or with Ctrl-C. The control API says what it can at /docs.
    """
    one_profile(profile)
    ready(keys)
    from scenarios.control import app
    from scenarios.stage.ports import Ports
    from wire import loop

    asked = (gateway_port, auth_port, nid_port, esignet_port, trigger_port, mediator_port)

    def tell(serving: app.Serving) -> None:
        # flushed at once: whoever started us waits for this line
        print(json.dumps(serving.addresses, indent=None if as_json else 2), flush=True)  # noqa: T201

    loop.run(
        loop.serve(
            app.start(
                Ports(*(wanted or 0 for wanted in asked)),
                control_port,
                profile=profile,
                seed=seed,
                keys=keys,
                country_config=country_config.rstrip("/") if country_config else None,
            ),
            tell,
        )
    )

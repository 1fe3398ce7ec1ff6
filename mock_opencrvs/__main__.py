"""`python -m mock_opencrvs`: the mock OpenCRVS on its two ports, until Ctrl-C."""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mock_opencrvs.app import Running, start
from mock_opencrvs.archive import ArchiveWrong
from mock_opencrvs.settings import Settings
from wire import loop
from wire.environment import SettingRefused
from wire.http.listening import CannotListen
from wire.logs import configure_logs
from wire.world import World

EXAMPLES = """\
examples:
  python -m mock_opencrvs
  python -m mock_opencrvs --gateway-port 0 --auth-port 0 --country-config-url http://127.0.0.1:3040
  MOCK_OPENCRVS_PROFILE=1.9 python -m mock_opencrvs
  python -m mock_opencrvs --config opencrvs.toml      # profile = "2.1", state_file = "records.sqlite"

log in with curl (password `test`, code 000000; also f.katongo, k.bwalya, e.mayuka, j.campbell):
  curl -s localhost:7070/auth/authenticate -H 'content-type: application/json' \\
       -d '{"username":"k.mweene","password":"test"}'

Order of precedence: options, environment MOCK_OPENCRVS_<SETTING>, the file, defaults.
"""


def parser() -> argparse.ArgumentParser:
    """The command line: one option for every setting."""
    made = argparse.ArgumentParser(
        prog="python -m mock_opencrvs",
        description="OpenCRVS as an integration sees it: auth, gateway, records, workqueues, the trigger.",
        epilog=f"{EXAMPLES}\n{loop.STATUSES}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings by their names")
    for name, field in Settings.model_fields.items():
        text = f"{field.description or ''} [MOCK_OPENCRVS_{name.upper()}, default: {field.get_default()}]"
        made.add_argument(
            f"--{name.replace('_', '-')}", dest=name, metavar="VALUE", help=text.strip().replace("%", "%%")
        )
    return made


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Options over the environment over the file."""
    given = {n: value for n, value in vars(arguments).items() if n != "config" and value is not None}
    filed: dict[str, Any] = {}
    if arguments.config is not None:
        filed = tomllib.loads(arguments.config.read_text(encoding="utf-8"))
        from_environment = Settings().model_fields_set
        filed = {name: value for name, value in filed.items() if name not in from_environment}
    return Settings(**{**filed, **given})


async def serve(settings: Settings) -> None:
    """Run until the process is told to stop."""
    world = World.system(settings.seed)
    configure_logs(world, level=settings.log_level)
    # what the person who starts it wants to see
    await loop.serve(start(settings, world), lambda running: print(welcome(running), flush=True))  # noqa: T201


def welcome(running: Running) -> str:
    users = ", ".join(sorted(user.username for user in running.people.users.values()))
    lines = [
        f"mock_opencrvs, OpenCRVS {running.settings.profile} of the rehearsal",
        f"  gateway          {running.gateway_url}   (tRPC and REST under /events, log-in under /auth)",
        f"  auth             {running.auth_url}   (public key at /.well-known)",
        *(
            [f"  events service   {running.events_port.url}   (for the country's server alone)"]
            if running.events_port
            else []
        ),
        f"  triggers go to   {running.country_config_url}",
        f"  contract         {running.gateway_url}/openapi.yaml",
        f"  users            {users} (password test, code 000000)",
        "  Ctrl-C stops it",
    ]
    return "\n".join(lines)


def main() -> int:
    """The exit status."""
    arguments = parser().parse_args()
    try:
        loop.run(serve(settings_from(arguments)))
    except ValidationError as wrong:
        for error in wrong.errors():
            name = ".".join(str(part) for part in error["loc"]) or "settings"
            print(f"setting {name}: {error['msg']}", file=sys.stderr)  # noqa: T201
        return loop.CANNOT_BEGIN
    except (CannotListen, ArchiveWrong, SettingRefused, OSError, tomllib.TOMLDecodeError) as error:
        print(f"mock_opencrvs: {error}", file=sys.stderr)  # noqa: T201
        return loop.CANNOT_BEGIN
    return 0


if __name__ == "__main__":
    sys.exit(main())

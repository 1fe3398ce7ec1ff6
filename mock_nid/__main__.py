"""`python -m mock_nid`: the mock National ID system on its ports, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mock_nid.app import Running, start
from mock_nid.clients import ClientsFileWrong
from mock_nid.people import PeopleFileWrong
from mock_nid.plans import PlanRefused
from mock_nid.settings import Settings
from mock_nid.state import StateFileWrong
from wire import loop
from wire.environment import SettingRefused
from wire.http.listening import CannotListen
from wire.logs import configure_logs
from wire.world import World

EXAMPLES = """\
examples:
  python -m mock_nid
  python -m mock_nid --port 0 --processing-seconds 30 --default-plan issue=8,reject=1,stall=1
  MOCK_NID_STYLE=upstream-mock python -m mock_nid
  python -m mock_nid --config nid.toml          # port = 20240, default_plan = "fail:RPR-PKV-FAILED-012"

Order of precedence: options, environment MOCK_NID_<SETTING>, the file, defaults.
A registration's plan can also be chosen by a word in the person's name (Rejected, Failed, Stalled, Twice,
Lost, Tampered, …): GET /admin/plans lists them.
"""


def parser() -> argparse.ArgumentParser:
    """The command line: one option for every setting."""
    made = argparse.ArgumentParser(
        prog="python -m mock_nid",
        description="A National ID system that speaks MOSIP's protocols, for rehearsals.",
        epilog=f"{EXAMPLES}\n{loop.STATUSES}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--config", type=Path, metavar="FILE", help="TOML file with settings by their names")
    for name, field in Settings.model_fields.items():
        default = field.get_default()
        shown = ", ".join(default) if isinstance(default, tuple) else default
        text = f"{field.description or ''} [MOCK_NID_{name.upper()}, default: {shown}]".strip()
        made.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            metavar=name.rsplit("_", 1)[-1].upper(),
            help=text.replace("%", "%%"),
        )
    return made


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Settings of the command line over the environment over the file."""
    given = {name: value for name, value in vars(arguments).items() if name != "config" and value is not None}
    filed: dict[str, Any] = {}
    if arguments.config is not None:
        filed = tomllib.loads(arguments.config.read_text(encoding="utf-8"))
        environment = Settings().model_fields_set
        filed = {name: value for name, value in filed.items() if name not in environment}
    return Settings(**{**filed, **given})


async def serve(settings: Settings) -> None:
    """Run until the process is told to stop."""
    world = World.system()
    configure_logs(world, level=settings.log_level)
    # what the person who starts it wants to see
    await loop.serve(start(settings, world), lambda running: print(welcome(running), flush=True))  # noqa: T201


def welcome(running: Running) -> str:
    settings = running.parts.settings
    lines = [
        "mock_nid, the National ID system of the rehearsal",
        f"  MOSIP services   {running.url}",
        f"  hub              {running.url}/websub/hub",
        f"  eSignet          {running.esignet_url}",
        f"  contract         {running.url}/openapi.yaml",
        f"  plans            {running.url}/admin/plans",
        f"  clients          {', '.join(running.parts.clients.clients)}",
        f"  style {settings.style}, default plan {settings.default_plan}, "
        f"{settings.processing_seconds} s of processing; Ctrl-C stops it",
    ]
    return "\n".join(lines)


def main() -> int:
    arguments = parser().parse_args()
    try:
        settings = settings_from(arguments)
        with contextlib.suppress(KeyboardInterrupt):
            loop.run(serve(settings))
    except ValidationError as wrong:
        for error in wrong.errors():
            name = ".".join(str(part) for part in error["loc"])
            print(f"setting {name}: {error['msg']}", file=sys.stderr)  # noqa: T201
        return loop.CANNOT_BEGIN
    except (
        CannotListen,
        ClientsFileWrong,
        PeopleFileWrong,
        PlanRefused,
        StateFileWrong,
        tomllib.TOMLDecodeError,
        SettingRefused,
        OSError,
    ) as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201
        return loop.CANNOT_BEGIN
    return 0


if __name__ == "__main__":
    sys.exit(main())

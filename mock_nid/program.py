"""`python -m mock_nid`: the mock National ID system on its ports, until Ctrl-C."""

from __future__ import annotations

import sys

from mock_nid.app import Running, start
from mock_nid.packets.plans import PlanRefused
from mock_nid.settings import Settings
from mock_nid.state import StateFileWrong
from testbed.program import Program
from wire import loop
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


async def serve(settings: Settings) -> None:
    """Run until the process is told to stop."""
    world = World.system()
    configure_logs(world, level=settings.log_level)
    # what the person who starts it wants to see
    await loop.serve(start(settings, world), lambda running: print(welcome(running), flush=True))  # noqa: T201


def welcome(running: Running) -> str:
    settings = running.settings
    lines = [
        "mock_nid, the National ID system of the rehearsal",
        f"  MOSIP services   {running.url}",
        f"  hub              {running.url}/websub/hub",
        f"  eSignet          {running.esignet_url}",
        f"  contract         {running.url}/openapi.yaml",
        f"  plans            {running.url}/admin/plans",
        f"  clients          {', '.join(running.clients.clients)}",
        f"  style {settings.style}, default plan {settings.default_plan}, "
        f"{settings.processing_seconds} s of processing; Ctrl-C stops it",
    ]
    return "\n".join(lines)


PROGRAM = Program(
    "mock_nid",
    "A National ID system that speaks MOSIP's protocols, for rehearsals.",
    EXAMPLES,
    Settings,
    serve,
    (PlanRefused, StateFileWrong),
)


def main() -> None:
    """Run it, and end the process with its status."""
    sys.exit(PROGRAM.run())

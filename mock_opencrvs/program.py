"""`python -m mock_opencrvs`: the mock OpenCRVS on its two ports, until Ctrl-C."""

from __future__ import annotations

import sys

from mock_opencrvs.app import Running, start
from mock_opencrvs.settings import Settings
from mock_opencrvs.state.archive import ArchiveWrong
from testbed.program import Program
from wire import loop
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


PROGRAM = Program(
    "mock_opencrvs",
    "OpenCRVS as an integration sees it: auth, gateway, records, workqueues, the trigger.",
    EXAMPLES,
    Settings,
    serve,
    (ArchiveWrong,),
)


def main() -> None:
    """Run it, and end the process with its status."""
    sys.exit(PROGRAM.run())

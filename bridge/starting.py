"""Why the bridge cannot start, in one line: what is wrong, with which setting, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from bridge.errors import BridgeError
from bridge.settings import Settings
from wire.entry import CannotBegin
from wire.keyfolder import KeyFolder
from wire.redaction import redact_text
from wire.world import World

if TYPE_CHECKING:
    from bridge.traces import Traces

WRITABLE = "name a folder that the bridge may write to"


class CannotStart(BridgeError, CannotBegin):
    """The text is for whoever starts the bridge; it holds no secret."""


@contextmanager
def needs(setting: str, remedy: str) -> Iterator[None]:
    """A block that uses what `setting` names: files, keys. Turns its errors into CannotStart."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise CannotStart(f"setting {setting}: {in_a_line(error)}; {remedy}") from error


def key_folder(settings: Settings) -> KeyFolder:
    """The folder of test keys, whole."""
    return KeyFolder(settings.keys).ensure()


def open_traces(settings: Settings, world: World) -> Traces | None:
    """The traces when a collector is set; without the extra the start says what to install, and goes on."""
    if settings.collector is None:
        return None
    try:
        # the SDK reads some of them while it is loaded
        with needs("OTEL_…", "see OpenTelemetry's names of environment variables"):
            from bridge.traces import Traces

            return Traces(settings, settings.collector, world)
    except ImportError as missing:
        structlog.get_logger("bridge").warning(
            "no traces are sent: OpenTelemetry is not installed, or not whole",
            missing=missing.name,
            remedy="pip install 'opencrvs-nid-rehearsal[traces]', or set OTEL_SDK_DISABLED=true",
        )
        return None


def in_a_line(error: BaseException) -> str:
    """What an error says, without line breaks, secrets and the rest of a long story."""
    words = " ".join(redact_text(str(error)).split())[:300]
    return words or type(error).__name__

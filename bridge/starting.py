"""Why the bridge cannot start, in one line: what is wrong, with which setting, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.errors import BridgeError
from bridge.settings import Settings
from wire.keyfolder import KeyFolder
from wire.redaction import redact_text

WRITABLE = "name a folder that the bridge may write to"


class CannotStart(BridgeError):
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
    with needs("REHEARSAL_KEYS", WRITABLE):
        return KeyFolder(settings.keys).ensure()


def in_a_line(error: BaseException) -> str:
    """What an error says, without line breaks, secrets and the rest of a long story."""
    words = " ".join(redact_text(str(error)).split())[:300]
    return words or type(error).__name__

"""The one root of what goes wrong in the bridge, and what a request is refused with."""

from __future__ import annotations

import inspect

from pydantic import ValidationError


class BridgeError(Exception):
    """Something went wrong in the bridge."""

    def __init__(self, message: str = "") -> None:
        # without words of its own an error says what its class says
        super().__init__(message or (inspect.getdoc(type(self)) or "").split("\n\n")[0])


class Refusal(BridgeError):
    """A request that is answered with an error: status, what happened, what to do; `wait`: seconds after
    which to ask again.
    """

    def __init__(self, status: int, title: str, detail: str = "", *, wait: float | None = None) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.status, self.title, self.detail, self.wait = status, title, detail, wait


def first_error(error: ValidationError) -> str:
    """The first thing that is wrong with a body, by field; never the value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"

"""The versions of OpenCRVS that the kit speaks, and what differs between them (contract opencrvs §0.2)."""

from __future__ import annotations

from enum import StrEnum

_NO_LATE_REJECTION = frozenset({"REJECT", "REJECT_CORRECTION", "APPROVE_CORRECTION", "CUSTOM"})


class Profile(StrEnum):
    """One version of the protocol. The value is what settings and reports write."""

    V1_9 = "1.9"
    V2_0 = "2.0"
    V2_1 = "2.1"

    @property
    def bracket_scopes(self) -> bool:
        """Scopes look like `record.register[event=birth]`, not like `type=record.register&event=birth`."""
        return self is Profile.V1_9

    @property
    def record_token(self) -> bool:
        """The trigger's token names event and action and is the key to accept or reject (§2.3)."""
        return self is not Profile.V2_1

    @property
    def client_confirms(self) -> bool:
        """Only a system client may accept or reject; the trigger's token proves the caller, no more (§11)."""
        return self is Profile.V2_1

    @property
    def unassigns_pending(self) -> bool:
        """A 202 takes the record from the registrar at once (§11)."""
        return self is Profile.V2_1

    @property
    def validates(self) -> bool:
        """VALIDATE is a core action with a status of its own; REGISTER needs it."""
        return self is Profile.V1_9

    @property
    def bare_event_id(self) -> bool:
        """`event.get` takes the UUID itself, not `{"eventId": …}`."""
        return self is Profile.V1_9

    def rejects_late(self, action: str) -> bool:
        """Whether an action may be rejected after a 202. Where not, the try is a 500 and the record stays
        locked; a 400 to the question works (§0.4 row 23, §4.4).
        """
        return self is Profile.V2_1 or action not in _NO_LATE_REJECTION

    def asks_about(self, action: str) -> bool:
        """Whether it has this action (§4.1)."""
        return action not in (("EDIT", "CUSTOM") if self is Profile.V1_9 else ("VALIDATE",))

"""State derived from a record's actions (contract opencrvs §6). The one module that others import for it."""

from __future__ import annotations

from wire.opencrvs.availability import available_actions
from wire.opencrvs.declarations import declaration, merged
from wire.opencrvs.flags import flags
from wire.opencrvs.index import index_row, legal_statuses, potential_duplicates
from wire.opencrvs.standing import (
    NotOnePending,
    assigned_to,
    pending_action,
    pending_actions,
    registration_number,
    status,
)

__all__ = [
    "NotOnePending",
    "assigned_to",
    "available_actions",
    "declaration",
    "flags",
    "index_row",
    "legal_statuses",
    "merged",
    "pending_action",
    "pending_actions",
    "potential_duplicates",
    "registration_number",
    "status",
]

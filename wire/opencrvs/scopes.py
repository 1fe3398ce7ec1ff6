"""Scopes in both grammars (contract opencrvs §7.3; upstream packages/commons/src/scopes.ts).

1.9: `name`, or `name[key=a|b,key2=c]`. 2.0 and 2.1: `type=name&key=a,b&key2=c`. No option means no limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from wire.opencrvs.profiles import Profile
from wire.words import names

CONFIRM_REGISTRATION = "record.confirm-registration"
REJECT_REGISTRATION = "record.reject-registration"
ACCEPT_ACTION = "record.action.accept"
REJECT_ACTION = "record.action.reject"
WORKQUEUE = "workqueue"
CONFIGURABLE_1_9 = frozenset(
    names("""
        search workqueue record.create record.read record.declare record.notify record.declared.validate
        record.declared.reject record.declared.archive record.declared.review-duplicates record.register
        record.registered.print-certified-copies record.registered.request-correction
        record.registered.correct record.unassign-others
    """)
)
"""Scopes that 1.9 reads with brackets alone: a bare name is a literal, which opens no type of event."""

SCOPES_2_1 = frozenset(
    (
        *("record.search", "record.create", "record.read", "record.declare", "record.notify", "record.edit"),
        *("record.reject", "record.archive", "record.unarchive", "record.review-duplicates"),
        *("record.register", "record.print-certified-copies", "record.request-correction", "record.correct"),
        *("record.revoke-registration", "record.reinstate-registration", "record.unassign-others"),
        *("record.custom-action", ACCEPT_ACTION, REJECT_ACTION, "record.reindex", "record.import"),
        *("integration.create", "integration.audit.read", "config.update-all", "location.edit"),
        *("user.data-seeding", "user.read", "user.create", "user.edit", "user.search"),
        *("user.read-only-my-audit", "attachment.upload", "profile.electronic-signature"),
        *("organisation.read-locations", "performance.read", "performance.read-dashboards"),
        *("performance.vital-statistics-export", "dashboard.view", WORKQUEUE),
    )
)
"""Types of scopes that 2.1 has; a client with another cannot be made (§0.4, row 31)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission: its name and the options that narrow it."""

    name: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of an option; None when the scope is not narrowed by it."""
        return self.options.get(key)

    def allows_event(self, event_type: str | None) -> bool:
        """Whether the scope covers this type of event (None asks for any)."""
        events = self.options.get("event")
        return events is None or event_type is None or event_type in events


def parse(text: str) -> Scope:
    """A scope out of either grammar; a text in neither is a bare name (upstream's literals)."""
    if text.startswith("type="):
        return _parse_query(text)
    if text.endswith("]") and "[" in text:
        return _parse_bracket(text)
    return Scope(text)


def _parse_query(text: str) -> Scope:
    name = ""
    options: dict[str, tuple[str, ...]] = {}
    for part in text.split("&"):
        key, _, value = part.partition("=")
        if key == "type":
            name = unquote_plus(value)
        elif key:
            options[unquote_plus(key)] = tuple(v for v in unquote_plus(value).split(",") if v)
    return Scope(name, options)


def _parse_bracket(text: str) -> Scope:
    name, _, inner = text[:-1].partition("[")
    options: dict[str, tuple[str, ...]] = {}
    for part in inner.split(","):
        key, _, value = part.partition("=")
        if key.strip():
            options[key.strip()] = tuple(v.strip() for v in value.split("|") if v.strip())
    return Scope(name, options)


def find(
    scopes: Iterable[str], name: str, *, event_type: str | None = None, profile: Profile | None = None
) -> list[Scope]:
    """The scopes of this name that cover the type of event.

    With a profile, texts in another profile's grammar grant nothing, as in the real server, nor do 1.9's
    literals where it asks for a scope with brackets.
    """
    found = []
    for text in scopes:
        if name in text and (profile is None or _is_of(profile, text)):
            scope = parse(text)
            if scope.name == name and scope.allows_event(event_type):
                found.append(scope)
    return found


def _is_of(profile: Profile, text: str) -> bool:
    if not profile.bracket_scopes:
        return text.startswith("type=")
    return not text.startswith("type=") and text not in CONFIGURABLE_1_9


def allows(
    scopes: Iterable[str], name: str, *, event_type: str | None = None, profile: Profile | None = None
) -> bool:
    """Whether any of the scopes grants this permission (for this type of event)."""
    return bool(find(scopes, name, event_type=event_type, profile=profile))


def allows_workqueue(scopes: Iterable[str], slug: str) -> bool:
    """Whether a workqueue may be seen: `ids` in 2.0, `id` in 1.9 (§7.3)."""
    for scope in find(scopes, WORKQUEUE):
        slugs = scope.values("ids") or scope.values("id") or ()
        if slug in slugs:
            return True
    return False


def copied_to_record_token(scopes: Iterable[str], profile: Profile) -> list[str]:
    """The scopes of a confirmation token: both confirm scopes, then what it inherits (§2.3)."""
    if profile is Profile.V1_9:
        own = [CONFIRM_REGISTRATION, REJECT_REGISTRATION]
        # 1.9 goes by the beginning of the text, and record.reject-registration is none of them
        return own + [s for s in scopes if s.startswith(("record.declared.reject", "record.read"))]
    own = [f"type={CONFIRM_REGISTRATION}", f"type={REJECT_REGISTRATION}"]
    return own + [s for s in scopes if "record.re" in s and parse(s).name in ("record.read", "record.reject")]

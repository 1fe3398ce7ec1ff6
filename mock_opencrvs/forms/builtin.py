"""Our own event configurations: the data files, written out as the EventConfig JSON of a profile.

What the data leave out (labels, the list of actions, review fields, deduplication) is added here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

from mock_opencrvs.directory.seeding import data
from mock_opencrvs.forms.config import EventForm, Forms, read_form
from mock_opencrvs.forms.shorthand import schema_of
from wire.opencrvs.profiles import Profile

Json = dict[str, Any]
EVENT_TYPES = ("birth", "death", "tennis-club-membership")
_ACTIONS_1_9 = "READ DECLARE VALIDATE REGISTER REJECT ARCHIVE PRINT_CERTIFICATE REQUEST_CORRECTION"
_ACTIONS_2 = "READ DECLARE EDIT REGISTER REJECT ARCHIVE PRINT_CERTIFICATE REQUEST_CORRECTION"
_CUSTOM = {"VALIDATE_DECLARATION": "validated", "ESCALATE": "escalated"}
_STREET = (
    *("town", "residentialArea", "street", "number", "zipCode", "state", "district2", "cityOrTown"),
    *("addressLine1", "addressLine2", "addressLine3", "postcodeOrZip"),
)
_PROOFS = ("NATIONAL_ID", "PASSPORT", "BIRTH_CERTIFICATE", "OTHER")


def builtin_forms(profile: Profile, *, mosip_fields: bool, custom_flags: bool, deduplication: bool) -> Forms:
    """Birth, death and the tennis club, as a country on this profile would configure them."""
    read = _read(profile, mosip_fields, custom_flags and profile is not Profile.V1_9, deduplication)
    return {form.type: form for form in read}


@cache
def _read(
    profile: Profile, mosip_fields: bool, custom_flags: bool, deduplication: bool
) -> tuple[EventForm, ...]:
    # nothing changes a form that is read: every server of a process may have the same
    configs = [
        event_config(
            data(name),
            profile,
            mosip_fields=mosip_fields,
            custom_flags=custom_flags,
            deduplication=deduplication and name == "birth",
        )
        for name in EVENT_TYPES
    ]
    return tuple(read_form(config, profile) for config in configs)


def event_config(
    short: Json, profile: Profile, *, mosip_fields: bool, custom_flags: bool, deduplication: bool
) -> Json:
    """One data file as EventConfig JSON."""
    name = str(short["id"])
    config: Json = {
        "id": name,
        "label": _message(f"event.{name}.label", short["label"]),
        "title": _message(f"event.{name}.title", short["label"]),
        "summary": {"fields": []},
        "declaration": {
            "label": _message(f"event.{name}.declaration", f"{short['label']} declaration form"),
            "pages": [
                _page(name, page, profile, mosip_fields, short["date_of_event"]) for page in short["pages"]
            ],
        },
        "actions": _actions(name, profile, custom_flags, deduplication),
        "advancedSearch": [],
    }
    if short["date_of_event"]:
        config["dateOfEvent"] = {"$$field": short["date_of_event"]}
    if short["place_of_event"] and profile is not Profile.V1_9:
        config["placeOfEvent"] = {"$$field": short["place_of_event"]}
    if custom_flags:
        ids = ["validated", "escalated", "pending-first-certificate-issuance"]
        config["flags"] = [
            {"id": flag, "requiresAction": True, "label": _message(f"event.{name}.flag.{flag}", flag)}
            for flag in ids
        ]
    return config


def _message(identity: str, text: str) -> Json:
    return {"id": identity, "defaultMessage": text, "description": f"Text of {identity}"}


def _page(event: str, page: Json, profile: Profile, mosip_fields: bool, born: str | None) -> Json:
    unknown = {"ALPHA_HIDDEN"} if profile is Profile.V1_9 else set()
    return {
        "id": page["id"],
        "type": "FORM",
        "title": _message(f"event.{event}.page.{page['id']}", page["title"]),
        "fields": [
            _field(event, field, born)
            for field in page["fields"]
            if (mosip_fields or not field.get("mosip")) and field["type"] not in unknown
        ],
    }


def _field(event: str, short: Json, born: str | None) -> Json:
    """A field as EventConfig has it. `born`: the field whose date an age refers to."""
    name = short["id"]
    identity = f"event.{event}.field.{name}"
    field: Json = {"id": name, "type": short["type"], "required": short.get("required", False)}
    if short.get("secured"):
        field["secured"] = True
    field["label"] = _message(f"{identity}.label", name.rsplit(".", 1)[-1])
    if "show" in short:
        field["conditionals"] = [{"type": "SHOW", "conditional": _conditional(short["show"])}]
    if "options" in short:
        field["options"] = _options(identity, short["options"])
    if "check" in short:
        field["validation"] = [
            {
                "message": _message(f"{identity}.error.{number}", one["message"]),
                "validator": _conditional(one["rule"]),
            }
            for number, one in enumerate(short["check"], 1)
        ]
    match short["type"]:
        case "NAME":
            # people with one name have a surname; without this both parts are demanded
            field["configuration"] = {
                "name": {"firstname": {"required": False}, "surname": {"required": True}}
            }
        case "AGE":
            field["configuration"] = {"asOfDate": {"$$field": born}}
        case "ADDRESS":
            field["configuration"] = {"streetAddressForm": [_street(identity, line) for line in _STREET]}
        case "VERIFICATION_STATUS":
            field["configuration"] = {
                "status": _message(f"{identity}.status", "Identity"),
                "description": _message(f"{identity}.description", "What the ID system said"),
            }
        case "FILE_WITH_OPTIONS":
            field["options"] = _options(identity, _PROOFS)
    return field


def _options(identity: str, values: Iterable[str]) -> list[Json]:
    return [
        {
            "value": value,
            "label": _message(f"{identity}.option.{value}", value.replace("_", " ").capitalize()),
        }
        for value in values
    ]


def _street(identity: str, line: str) -> Json:
    label = _message(f"{identity}.street.{line}", line)
    return {"id": line, "type": "TEXT", "required": False, "label": label}


def _conditional(short: Json) -> Json:
    """The condition with the `$id` that core demands: equal conditions have the same one."""
    schema = schema_of(short)
    digest = sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:12]
    return {"$id": f"https://opencrvs.org/conditionals/{digest}", **schema}


def _actions(event: str, profile: Profile, custom_flags: bool, deduplication: bool) -> list[Json]:
    old = profile is Profile.V1_9
    reviewed = ("READ", "DECLARE", "VALIDATE", "REGISTER") if old else ("READ", "DECLARE")
    matched = ("DECLARE", "VALIDATE", "REGISTER") if old else ("DECLARE", "REGISTER")
    kinds = (_ACTIONS_1_9 if old else _ACTIONS_2).split()
    actions: list[Json] = []
    for kind in kinds:
        action: Json = {"type": kind, "label": _message(f"event.{event}.action.{kind}", kind.capitalize())}
        if kind in reviewed:
            action["review"] = {
                "title": _message(f"event.{event}.review", "Review"),
                "fields": [] if kind == "READ" or event == "tennis-club-membership" else _review(event),
            }
        if kind in _FORMS:
            label = _message(f"event.{event}.form.{kind}", kind.replace("_", " ").capitalize())
            action[_FORMS[kind]] = {"label": label, "pages": []}
        if kind == "EDIT":
            action["dialogCopy"] = {
                after: _message(f"event.{event}.edit.{after}", f"Edit, then {after}")
                for after in ("notify", "declare", "register")
            }
        if deduplication and kind in matched:
            action["deduplication"] = _deduplication(event)
        if custom_flags and kind in _FLAGS:
            action["flags"] = _FLAGS[kind]
        actions.append(action)
    if not old:
        actions += [_custom(event, name, flag, custom_flags) for name, flag in _CUSTOM.items()]
    return actions


_FORMS = {"PRINT_CERTIFICATE": "printForm", "REQUEST_CORRECTION": "correctionForm"}
_REGISTRARS: Json = {
    "$id": "https://opencrvs.org/conditionals/registrars",
    "type": "object",
    "properties": {
        "$user": {
            "type": "object",
            "properties": {"role": {"enum": ["REGISTRATION_AGENT", "LOCAL_REGISTRAR"]}},
        }
    },
}
_FLAGS: dict[str, list[Json]] = {
    "DECLARE": [{"id": "validated", "operation": "add", "conditional": _REGISTRARS}],
    "REGISTER": [
        {"id": "validated", "operation": "remove"},
        {"id": "pending-first-certificate-issuance", "operation": "add"},
    ],
    "PRINT_CERTIFICATE": [{"id": "pending-first-certificate-issuance", "operation": "remove"}],
}


def _deduplication(event: str) -> Json:
    """Farajaland's rules for births (§8.5) in the words of the configuration; `dedup` applies them."""

    def within(field: str, days: int) -> Json:
        return {"type": "dateRange", "fieldId": field, "options": {"days": days}}

    def alike(field: str) -> Json:
        return {"type": "fuzzy", "fieldId": field}

    def equal(field: str) -> Json:
        return {"type": "strict", "fieldId": field}

    mother = [alike("mother.name"), within("mother.dob", 365), equal("mother.nid")]
    rules = [
        [alike("child.name"), within("child.dob", 5), *mother],
        [within("child.dob", 270), *mother],
        [equal("child.name"), within("child.dob", 1095), *mother],
    ]
    return {
        "id": f"{event}-deduplication",
        "label": _message(f"event.{event}.deduplication", "The same birth, or the same mother"),
        "query": {"type": "or", "clauses": [{"type": "and", "clauses": clauses} for clauses in rules]},
    }


def _custom(event: str, name: str, flag: str, custom_flags: bool) -> Json:
    action: Json = {
        "type": "CUSTOM",
        "customActionType": name,
        "label": _message(f"event.{event}.action.{name}", name.replace("_", " ").capitalize()),
        "form": [],
        "auditHistoryLabel": _message(f"event.{event}.audit.{name}", name.replace("_", " ").capitalize()),
    }
    if custom_flags:
        action["flags"] = [{"id": flag, "operation": "add"}]
    return action


def _review(event: str) -> list[Json]:
    return [
        {
            "id": "review.comment",
            "type": "TEXTAREA",
            "required": True,
            "label": _message(f"event.{event}.review.comment", "Comment"),
        },
        {
            "id": "review.signature",
            "type": "SIGNATURE",
            "required": True,
            "label": _message(f"event.{event}.review.signature", "Signature of informant"),
            "signaturePromptLabel": _message(f"event.{event}.review.signature.prompt", "Sign here"),
        },
    ]

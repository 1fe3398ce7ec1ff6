"""The page of well-known people, from the data files of both mocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from docs.rendering.markdown import code, codes, page, table
from mock_nid.auth import clients as nid_clients
from mock_nid.identities.people import OTP, Person, load_people
from mock_opencrvs.directory.seeding import data

INTRO = """\
All of them are invented, and the same in every rehearsal. Passwords and secrets here are for rehearsal
only."""

OPENCRVS = """\
The password is `test` and the code `000000`, unless `MOCK_OPENCRVS_TWO_FACTOR` is on. More users:
`POST /admin/users`."""

CLIENTS = """\
System clients (`client_credentials` at `/token`)."""

NID = """\
Every part of the mock ID system knows them: ID authentication, eSignet, the ID repository, death
packets. Your own people: `MOCK_NID_PEOPLE_FILE`. The one-time password of all is `111111` unless said."""

NID_CLIENTS = """\
Clients of the auth manager. Your own: `MOCK_NID_CLIENTS_FILE`, which also holds partners, licence keys,
API keys and the relying parties of eSignet. Roles decide what a client may do at which service, as in
MOSIP."""


def people_page() -> str:
    return page(
        "Well-known people",
        INTRO,
        "## Users of OpenCRVS",
        OPENCRVS,
        table(("User name", "Name", "Role", "Id (2.0, 2.1)"), _users()),
        "## System clients of OpenCRVS",
        CLIENTS,
        table(("Name", "Client id", "Secret", "Scopes in 2.0"), _opencrvs_clients()),
        "## People whom the ID system knows",
        NID,
        table(("UIN", "VID", "Name", "Born", "What is particular"), _people()),
        "## Clients of the ID system",
        NID_CLIENTS,
        table(("Client", "Secret", "Roles"), _nid_clients()),
        "## Keys that ID authentication takes",
        table(("What", "Value", "Standing"), _ida()),
        "## Relying parties of eSignet",
        table(("Client id", "Name", "Redirect URIs"), _relying()),
    )


def _users() -> list[tuple[str, str, str, str]]:
    return [
        (code(u["username"]), f"{u['firstname']} {u['surname']}", code(u["role"]), code(u["id"]))
        for u in data("users")["users"]
    ]


def _opencrvs_clients() -> list[tuple[str, str, str, str]]:
    return [
        (c["name"], code(c["id"]), code(c["secret"]), codes(c.get("scopes_2_0", ())))
        for c in data("clients")["clients"]
    ]


def _people() -> list[tuple[str, str, str, str, str]]:
    people = load_people(None)
    rows = []
    for person in people.persons.values():
        vids = people.vids_of(person.uin)
        spoken = [code(v.vid) + ("" if v.status == "ACTIVE" else f" ({v.status.lower()})") for v in vids]
        rows.append(
            (
                code(person.uin),
                ", ".join(spoken),
                person.text("fullName") or "",
                person.text("dateOfBirth") or "",
                _particular(person),
            )
        )
    return rows


def _particular(person: Person) -> str:
    said = [] if person.status == "ACTIVATED" else [person.status.lower()]
    said += [f"has locked authentication: {', '.join(person.locked)}"] if person.locked else []
    said += [f"handle {codes(person.handles)}"] if person.handles else []
    said += [f"one-time password {code(person.otp)}"] if person.otp != OTP else []
    if not person.text("phone") and not person.text("email"):
        said.append("neither phone nor e-mail")
    languages = person.languages("fullName")
    said += [f"in {', '.join(languages)}"] if len(languages) > 1 else []
    return "; ".join(said)


def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(nid_clients.DEFAULT_FILE).read_text(encoding="utf-8"))
    return loaded


def _nid_clients() -> list[tuple[str, str, str]]:
    return [(code(c["id"]), code(c["secret"]), codes(c["roles"]) or "none") for c in _file()["clients"]]


def _ida() -> list[tuple[str, str, str]]:
    ida = _file()["ida"]
    rows = [("MISP licence key", code(k["key"]), k["status"].lower()) for k in ida["misp"]]
    rows += [("partner", code(p["id"]), p["status"].lower().replace("_", " ")) for p in ida["partners"]]
    for key in ida["api_keys"]:
        policy = ", ".join(f"{name} {str(value).lower()}" for name, value in key.get("policy", {}).items())
        rows.append(("API key", code(key["key"]), policy or key.get("status", "").lower().replace("_", " ")))
    return rows


def _relying() -> list[tuple[str, str, str]]:
    parties = _file()["relying_parties"]
    return [(code(p["id"]), p["name"], codes(p["redirect_uris"]).replace("`*`", "any")) for p in parties]

"""MOSIP's services: log-in, packets, status, identities, hub (contract mosip §1–4, §7)."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import aiohttp

from .opencrvs import NotNow
from .settings import CALLBACK, HUB_CLIENT, HUB_SECRET, MOSIP_CLIENT, MOSIP_SECRET, NID, seeded

_WORKFLOW = "mosip.registration.processor.workflow.instance"
_PROCESSOR = f"{NID}/registrationprocessor/v1"
_PRESENT = "RPR-WIS-001"
_ENDS = {"UIN_GENERATED": "yes", "REJECTED": "no", "REREGISTER": "no", "REPROCESS_FAILED": "no"}


class Refused(Exception):
    """The ID system's own word about the person."""


class Mosip:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http, self._tokens = http, dict[str, str]()
        self.issuer_key, self._fetched = "", 0.0

    async def submit(self, packet: str, process: str, fields: dict[str, str]) -> None:
        """Create the packet; creating it again under the same id changes nothing."""
        now = _now()
        schema = {
            "properties": {"identity": {"properties": {name: {"fieldCategory": "pvt"} for name in fields}}}
        }
        audit = {"uuid": str(uuid.uuid4()), "createdAt": now, "eventId": "REG-EVT-066", "id": packet}
        request = {
            "id": packet,
            "refId": "10001_10004",
            "offlineMode": False,
            "source": "OPENCRVS",
            "process": process,
            "schemaVersion": "0.1",
            "schemaJson": json.dumps(schema),
            "fields": fields,
            "metaInfo": {"registrationId": packet, "creationDate": now},
            "documents": {},
            "biometrics": {},
            "audits": [audit],
        }
        body = {"id": "string", "version": "string", "requesttime": now, "request": request}
        made = await self._call("PUT", f"{NID}/commons/v1/packetmanager/createPacket", body)
        if not made and not seeded("empty_response_believed"):
            raise NotNow("createPacket: swallowed")

    async def process(self, packet: str, process: str) -> None:
        """Start it; that it was started before is as good."""
        told = {"name": "", "phone": "", "email": ""}
        request = {
            "registrationId": packet,
            "process": process,
            "source": "OPENCRVS",
            "notificationInfo": told,
        }
        body = {"id": _WORKFLOW, "version": "v1", "requesttime": _now(), "request": request}
        done = "" if seeded("already_present_taken_for_failure") else _PRESENT
        await self._call("POST", f"{_PROCESSOR}/workflowmanager/workflowinstance", body, done=done)

    async def ended(self, packets: list[str]) -> dict[str, str]:
        """Which packets have come to an end, and whether it is a yes or a no."""
        asked = [{"registrationId": one} for one in packets]
        body = {"id": "mosip.registration.external.status", "version": "1.0", "requesttime": _now()}
        url = f"{_PROCESSOR}/registrationstatus/externalstatus/search"
        rows = await self._call("POST", url, body | {"request": asked}, done="RPR-RGS-031") or []
        return {row["registrationId"]: _ENDS[row["statusCode"]] for row in rows if row["statusCode"] in _ENDS}

    async def reason(self, packet: str) -> str:
        """Why a packet ended badly, in the ID system's words; a general word when it does not say."""
        try:
            rows = (
                await self._call("GET", f"{_PROCESSOR}/registrationtransaction/search/{packet}", None) or []
            )
        except NotNow:
            rows = []
        failed = [row for row in rows if "FAILED" in str(row.get("subStatusCode"))]
        said = (
            f"{failed[-1]['statusComment']} ({failed[-1]['subStatusCode']})"
            if failed
            else "no reason was given"
        )
        return f"The ID system refused: {said}"

    async def national_id(self, packet: str) -> str:
        """The VID of the person of a packet, else the UIN."""
        told = await self._call("GET", f"{NID}/idrepository/v1/identity/idvid/{packet}", None)
        uin = str(told["identity"]["UIN"])
        try:
            vids = await self._call("GET", f"{NID}/idrepository/v1/vid/uin/{uin}", None)
        except NotNow:
            vids = []
        return str(vids[0]["vid"]) if vids else uin

    async def identity(self, rid: str, fields: dict[str, str]) -> str:
        """Make an identity at once: its UIN. Refused by the ID system, or NotNow."""
        uin = (await self._call("GET", f"{NID}/v1/idgenerator/uin", None))["uin"]
        plain = {
            name: json.loads(value) if value.startswith("[") else value for name, value in fields.items()
        }
        told = {"registrationId": rid, "identity": plain | {"UIN": uin, "IDSchemaVersion": 0.1}}
        body = {"id": "mosip.id.create", "version": "v1", "requesttime": _now(), "request": told}
        token = await self._token(MOSIP_CLIENT)
        headers = {"Cookie": f"Authorization={token};"}
        async with self._http.post(f"{NID}/idrepository/v1/identity/", json=body, headers=headers) as answer:
            said = json.loads(await answer.read())
        if any(one["errorCode"].startswith("IDR-IDC-002") for one in said.get("errors") or []):
            raise Refused(said["errors"][0]["message"])
        if answer.status >= 300 or said.get("errors"):
            raise NotNow(f"identity: {answer.status}")
        return str(uin)

    async def key_of_issuer(self, *, again: bool = False) -> str:
        """The key that proves credentials; fetched anew at most once a second."""
        if again and seeded("issuer_key_kept_for_ever"):
            again = False
        if not self.issuer_key or (again and time.monotonic() - self._fetched > 1):
            async with self._http.get(f"{NID}/.well-known/public-key.json") as answer:
                if answer.status != 200:
                    raise NotNow(f"public key: {answer.status}")
                self.issuer_key = json.loads(await answer.read())["publicKeyPem"]
            self._fetched = time.monotonic()
        return self.issuer_key

    async def subscribe(self, topic: str) -> None:
        """Ask the hub; a 2xx that says `denied` is a refusal."""
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": CALLBACK,
            "hub.secret": HUB_SECRET,
        }
        token = await self._token(HUB_CLIENT)
        headers = {"Cookie": f"Authorization={token}"}
        async with self._http.post(f"{NID}/websub/hub", data=form, headers=headers) as answer:
            said = (await answer.read()).decode(errors="replace")
        if answer.status >= 300 or ("denied" in said and not seeded("denial_in_a_200_believed")):
            self._tokens.pop(HUB_CLIENT, None)
            raise NotNow(f"subscribe: {answer.status}")

    async def _call(self, method: str, url: str, body: Any, *, done: str = "") -> Any:
        """`response` of the envelope; NotNow for an error in whatever status; `done` is none."""
        token = await self._token(MOSIP_CLIENT)
        headers = {"Cookie": f"Authorization={token};"}
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            text = await answer.read()
        if answer.status == 401 and not seeded("mosip_token_kept_for_ever"):
            self._tokens.pop(MOSIP_CLIENT, None)
        believed = seeded("errors_in_200_taken_for_success") and answer.status == 200
        try:
            said = json.loads(text)
        except ValueError:
            if believed:
                return {}
            raise NotNow(f"{method} {url.rpartition('/')[2][:24]}: {answer.status}") from None
        errors = [one for one in said.get("errors") or [] if one.get("errorCode") != (done or None)]
        if (answer.status >= 300 or errors) and not believed:
            raise NotNow(f"{method} {url.rpartition('/')[2][:24]}: {answer.status}")
        return said.get("response")

    async def _token(self, client: str) -> str:
        if client not in self._tokens:
            who = {"appId": "regproc", "clientId": client, "secretKey": MOSIP_SECRET}
            body = {"id": "string", "version": "string", "requesttime": _now(), "request": who}
            url = f"{NID}/v1/authmanager/authenticate/clientidsecretkey"
            async with self._http.post(url, json=body) as answer:
                await answer.read()
                token = answer.headers.get("Authorization", "")
            if not token:
                raise NotNow(f"log-in: {answer.status}")
            self._tokens[client] = token
        return self._tokens[client]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

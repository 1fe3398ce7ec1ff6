"""Small stand-ins for OpenCRVS and MOSIP: what the bridge says to them is kept, what they answer is told by
the test.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession, web

from wire.http.listening import Listening, listen
from wire.keyfolder import KeyFolder
from wire.mosip import credentials, events, hub, keys, proofs, sealing, well_known, workflow
from wire.mosip.contexts import stock
from wire.mosip.envelope import EnvelopeFault, response_envelope
from wire.opencrvs import procedures, tokens, trpc
from wire.opencrvs.profiles import Profile
from wire.world import World

ISSUER = "https://api-internal.mosip.example"
VID = "4703420631835716"
UIN = "4238670978"
SECRET = "mosip-websub-secret"
TOPIC = "crvs-partner/CREDENTIAL_ISSUED"

UNREADABLE = "Cannot read properties of undefined (reading 'type')"
CHECK_VIOLATED = 'new row for relation "event_actions" violates check constraint "event_actions_check"'
NUMBER_TAKEN = 'duplicate key value violates unique constraint "event_actions_registration_number_key"'

Answer = Callable[[], web.Response]


class StubOpenCRVS:
    """Holds event documents; accept and reject behave as contract opencrvs §4.4 says, unless `faults` says
    else.
    """

    def __init__(self, world: World, keys: KeyFolder) -> None:
        self.world, self.keys = world, keys
        self.events: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.faults: dict[str, list[Answer]] = {}
        self.forms = {"birth": ["child.nid"], "death": []}
        self.numbers: set[str] = set()
        """Registration numbers of other records."""
        self.assigned: dict[str, str] = {}
        self.production = False
        self.files: dict[str, bytes] = {}
        self.file_store = 200
        self.opened_by: list[str] = []
        """Tokens with which an address was asked for."""
        self.forbidden: set[str] = set()
        """Events that the caller may not change."""
        self.key_asked = 0
        self.key_name = "opencrvs-auth"

    async def start(self) -> StubOpenCRVS:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known", self._key),
                web.post("/token", self._token),
                web.route("*", "/events/{procedure}", self._trpc),
                web.get("/presigned-url/{path:.*}", self._presigned),
                web.get("/ocrvs/{path:.*}", self._file),
            ]
        )
        self.listening: Listening = await listen(app, "127.0.0.1", 0, "-")
        return self

    @property
    def url(self) -> str:
        return self.listening.url

    async def close(self) -> None:
        await self.listening.close()

    async def _presigned(self, request: web.Request) -> web.Response:
        """The documents service signs any address (packages/documents of core 2.0.0)."""
        self.opened_by.append(request.headers.get("Authorization", ""))
        address = f"{self.url}/ocrvs/{request.match_info['path'].lstrip('/')}?X-Amz-Signature=abc"
        return web.json_response({"presignedURL": address})

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        assert "Authorization" not in request.headers and "X-Amz-Signature" in request.query
        if self.file_store != 200 or content is None:
            return web.Response(status=404 if self.file_store == 200 else self.file_store, text="<Error/>")
        return web.Response(body=content)

    # -- what a test does ---------------------------------------------------------------------------

    def record(
        self,
        event_type: str,
        declaration: dict[str, Any],
        *,
        tracking: str | None = None,
        asked: str = "REGISTER",
        **more: Any,
    ) -> dict[str, Any]:
        """A declared event with a pending REGISTER, or another action that is `asked` for."""
        chance, at = self.world.chance, self.world.timestamp()

        def action(kind: str, status: str, **more: Any) -> dict[str, Any]:
            base = {"id": chance.uuid(), "type": kind, "status": status, "transactionId": chance.uuid()}
            rest = {"createdAt": at, "createdBy": "registrar", "createdByUserType": "user", "declaration": {}}
            return base | rest | more

        event = {
            "id": chance.uuid(),
            "type": event_type,
            "trackingId": tracking or chance.alphanumeric(6),
            "createdAt": at,
            "updatedAt": at,
            "actions": [
                action("CREATE", "Accepted"),
                action("DECLARE", "Accepted", declaration=declaration),
                action(asked, "Requested", **more),
            ],
        }
        self.events[event["id"]] = event
        return event

    def token(self, event: dict[str, Any], *, lifetime: int = 604_800, **changes: Any) -> str:
        claims = tokens.record_claims(
            Profile.V2_0,
            {
                "sub": "registrar",
                "scope": ["type=record.read&event=birth,death", "type=record.reject&event=birth,death"],
            },
            event_id=event["id"],
            action_id=event["actions"][-1]["id"],
            now=self.world.clock.now(),
            lifetime=lifetime,
        )
        return tokens.sign({**claims, **changes}, self.keys[self.key_name].private_key)

    def service_token(self, **changes: Any) -> str:
        """Core's own, of 2.1."""
        claims = tokens.service_claims(now=self.world.clock.now())
        return tokens.sign({**claims, **changes}, self.keys[self.key_name].private_key)

    def accepted(self, event: dict[str, Any], kind: str = "REGISTER") -> list[dict[str, Any]]:
        actions = self.events[event["id"]]["actions"]
        return [a for a in actions if a["type"] == kind and a["status"] == "Accepted"]

    def rejected(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        return [a for a in self.events[event["id"]]["actions"] if a["status"] == "Rejected"]

    # -- what OpenCRVS does -------------------------------------------------------------------------

    async def _key(self, request: web.Request) -> web.Response:
        self.key_asked += 1
        if fault := self._fault("key"):
            return fault()
        pem = keys.public_pem(self.keys[self.key_name].private_key.public_key())
        return web.Response(body=pem.encode(), content_type="application/octet-stream")

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(request.query) | dict(await request.post())
        self.calls.append(("token", form, ""))
        if fault := self._fault("token"):
            return fault()
        now = self.world.clock.now()
        if form["grant_type"] == "client_credentials":
            claims = tokens.system_claims(Profile.V2_0, subject="client", scopes=[], now=now)
        else:
            claims = tokens.record_claims(
                Profile.V2_0,
                {"sub": "client", "scope": []},
                event_id=str(form["event_id"]),
                action_id=str(form["action_id"]),
                now=now,
            )
        token = tokens.sign(claims, self.keys[self.key_name].private_key)
        return web.json_response({"access_token": token, "token_type": "Bearer"})

    async def _trpc(self, request: web.Request) -> web.Response:
        path = request.match_info["procedure"]
        batch = trpc.parse_calls(request.method, path, dict(request.query), await request.read())
        call = batch.calls[0]
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.calls.append((path, call.input, token))
        if fault := self._fault(path):
            return fault()
        claims = tokens.peek(token)
        if claims["exp"] <= self.world.clock.now().timestamp():
            return web.json_response(
                {"statusCode": 401, "error": "Unauthorized", "message": "Expired token"}, status=401
            )
        try:
            item = trpc.ResultItem(self._do(path, call.input))
        except trpc.TRPCError as error:
            item = trpc.error_item(error, path)
        status, body = trpc.render([item])
        return web.Response(status=status, body=body, content_type="application/json")

    def _fault(self, path: str) -> Answer | None:
        waiting = self.faults.get(path)
        return waiting.pop(0) if waiting else None

    def _do(self, path: str, given: dict[str, Any]) -> Any:
        if path == "event.config.get":
            return [
                {
                    "id": kind,
                    "declaration": {"pages": [{"id": "page", "fields": [{"id": f} for f in fields]}]},
                }
                for kind, fields in self.forms.items()
            ]
        event = self.events.get(given["eventId"])
        if event is None:
            raise trpc.TRPCError("NOT_FOUND", "Event not found")
        if path == "event.get":
            if self._unknown_field(event):
                raise trpc.TRPCError("INTERNAL_SERVER_ERROR", self._text(UNREADABLE))
            return event
        verb = path.rpartition(".")[2]
        if path == "event.actions.assignment.assign":
            if self.assigned.get(event["id"], "registrar") != "registrar":
                raise trpc.TRPCError("CONFLICT", "CONFLICT")
            self.assigned[event["id"]] = "registrar"
            return event
        if event["id"] in self.forbidden:
            raise trpc.TRPCError("FORBIDDEN")
        if path == "event.actions.reject.request":
            if self.assigned.get(event["id"], "registrar") != "registrar":
                raise trpc.TRPCError("CONFLICT", "You are not assigned to this event")
            if all(row["transactionId"] != given["transactionId"] for row in event["actions"]):
                self._append(event, "REJECT", "Accepted", given, content=given["content"])
            return event
        if verb not in ("accept", "reject"):
            return event
        done = next((a for a in event["actions"] if a.get("originalActionId") == given["actionId"]), None)
        if done is not None:
            if done["status"] == "Rejected" and verb == "accept":
                raise trpc.TRPCError("BAD_REQUEST", "Action has already been rejected.")
            if done["status"] == "Accepted" and verb == "reject":
                raise trpc.TRPCError("INTERNAL_SERVER_ERROR", "Internal server error")
            return event
        kind = next(a["type"] for a in event["actions"] if a["id"] == given["actionId"])
        assert path == procedures.action_procedure(kind, "accept" if verb == "accept" else "reject")
        lacking = {"CUSTOM": "customActionType", "APPROVE_CORRECTION": "requestId"}.get(kind, "actionId")
        if verb == "accept" and lacking not in given:
            raise trpc.TRPCError("BAD_REQUEST", f"{lacking}: Required")
        if verb == "reject" and kind in ("APPROVE_CORRECTION", "CUSTOM"):
            raise trpc.TRPCError("INTERNAL_SERVER_ERROR", self._text(CHECK_VIOLATED))
        status = "Accepted" if verb == "accept" else "Rejected"
        number = given.get("registrationNumber")
        if number in self.numbers:
            raise trpc.TRPCError("INTERNAL_SERVER_ERROR", self._text(NUMBER_TAKEN))
        more = {"registrationNumber": number} if number else {}
        self._append(event, kind, status, given, originalActionId=given["actionId"], **more)
        if field := self._unknown_field(event):
            raise trpc.TRPCError(
                "INTERNAL_SERVER_ERROR", self._text(f"Field with id {field} not found in event config")
            )
        return event

    def _unknown_field(self, event: dict[str, Any]) -> str | None:
        """A confirmed field that the form has not: written, and the record is broken (§0.4 row 20)."""
        confirmed = [a for a in event["actions"] if a.get("originalActionId") and a["status"] == "Accepted"]
        known = self.forms.get(event["type"], [])
        return next((name for a in confirmed for name in a["declaration"] if name not in known), None)

    def _text(self, text: str) -> str:
        return "Internal server error" if self.production else text

    def _append(
        self, event: dict[str, Any], kind: str, status: str, given: dict[str, Any], **more: Any
    ) -> None:
        event["actions"].append(
            {
                "id": self.world.chance.uuid(),
                "type": kind,
                "status": status,
                "transactionId": given["transactionId"],
                "declaration": given.get("declaration", {}),
                "createdAt": self.world.timestamp(),
                **more,
            }
        )


@dataclass
class StubMosip:
    """Takes packets, answers for them when the test says so."""

    world: World
    keys: KeyFolder
    packets: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    shares: dict[str, str] = field(default_factory=dict)
    vids: dict[str, str] = field(default_factory=dict)
    uins: dict[str, str] = field(default_factory=lambda: {VID: UIN})
    published: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    down: bool = False
    on_started: Callable[[], None] = lambda: None
    lease_seconds: int = hub.LEASE_SECONDS
    unprovided: set[str] = field(default_factory=set)
    """Processes that no packet provider is configured for (contract mosip §2.4)."""

    async def start(self) -> StubMosip:
        @web.middleware
        async def faulty(request: web.Request, handler: Any) -> web.StreamResponse:
            name = request.path.strip("/").split("/")[-1]
            self.asked[name] += 1
            if self.down and request.transport is not None:
                request.transport.abort()
            if waiting := self.faults.get(name):
                return waiting.pop(0)()
            response: web.StreamResponse = await handler(request)
            return response

        app = web.Application(middlewares=[faulty])
        app.add_routes(
            [
                web.post("/authenticate", self._login),
                web.put("/createPacket", self._create),
                web.post("/workflowinstance", self._process),
                web.post("/status", self._status),
                web.get("/transactions/{rid}", self._transactions),
                web.get("/uin", self._uin),
                web.post("/identity/", self._identity),
                web.get("/identity/idvid/{id}", self._read_identity),
                web.get("/vid/uin/{uin}", self._vids),
                web.get("/vid/{vid}", self._uin_of),
                web.post("/hub", self._hub),
                web.get("/share/{id}", self._share),
                web.get("/.well-known/public-key.json", self._key),
            ]
        )
        self.listening: Listening = await listen(app, "127.0.0.1", 0, "-")
        return self

    @property
    def url(self) -> str:
        return self.listening.url

    async def close(self) -> None:
        await asyncio.gather(*self._background)
        await self.listening.close()

    def __post_init__(self) -> None:
        self._background: set[asyncio.Task[None]] = set()

    # -- what a test does ---------------------------------------------------------------------------

    def credential(
        self,
        rid: str,
        *,
        key: str = "credential-issuer",
        partner: str = "partner",
        issuer: str = ISSUER,
        method: str = well_known.public_key_url(ISSUER),
        **subject: Any,
    ) -> str:
        """A sealed, proven credential; `method` is the key's URL that the proof names."""
        proven = proofs.sign_urdna2015(
            self._document(rid, subject, issuer),
            self.keys[key].private_key,
            stock(issuer),
            verification_method=method,
            kid="k" * 43,
            now=self.world.clock.now(),
        )
        return sealing.seal(credentials.encode(proven), self.keys[partner].certificate, self.world.chance)

    def unproven(self, rid: str, **subject: Any) -> str:
        """A sealed credential without a proof, as of type euin."""
        content = credentials.encode(self._document(rid, subject))
        return sealing.seal(content, self.keys["partner"].certificate, self.world.chance)

    def _document(self, rid: str, subject: dict[str, Any], issuer: str = ISSUER) -> dict[str, Any]:
        return credentials.verifiable_credential(
            base=issuer,
            registration_id=rid,
            credential_id=self.world.chance.uuid(),
            attributes=subject or {"VID": VID},
            now=self.world.clock.now(),
        )

    def event(self, rid: str, sealed: str | None = None, *, id: str | None = None, **more: Any) -> bytes:
        body = events.credential_issued(
            topic=more.pop("topic", TOPIC),
            event_id=id or self.world.chance.uuid(),
            transaction_id=self.world.chance.uuid(),
            registration_id=rid,
            credential=sealed,
            now=self.world.clock.now(),
            **more,
        )
        # the bytes that the hub delivers: `, ` and `: `, signs as they are (contract mosip §4.5)
        return json.dumps(body, ensure_ascii=False).encode()

    def ended(self, rid: str, result: Any, process: str = "CRVS_NEW") -> bytes:
        return json.dumps(events.workflow_completed(rid, result, process)).encode()

    async def deliver(
        self, callback: str, body: bytes, *, secret: str | None = SECRET, slash: bool = True
    ) -> int:
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers[hub.SIGNATURE_HEADER] = hub.signature(secret, body)
        async with (
            ClientSession() as session,
            session.post(callback + "/" * slash, data=body, headers=headers) as answer,
        ):
            await answer.read()
            return answer.status

    # -- what MOSIP does ----------------------------------------------------------------------------

    def _ok(self, response: Any, errors: Any = ()) -> web.Response:
        return web.json_response(response_envelope(response, now=self.world.clock.now(), errors=errors))

    async def _login(self, request: web.Request) -> web.Response:
        response = self._ok({"status": "Success"})
        response.headers["Set-Cookie"] = "INGRESSCOOKIE=1.2.3|abc; Path=/"  # a gateway's, before ours
        response.headers.add("Set-Cookie", "Authorization=some-token; Path=/")
        return response

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["request"]["process"] in self.unprovided:
            return self._ok(
                None, [EnvelopeFault("KER-PUT-006", "No available provider for given source and process")]
            )
        self.packets[body["request"]["id"]] = body["request"]
        return self._ok([{"id": body["request"]["id"]}])

    async def _process(self, request: web.Request) -> web.Response:
        asked = workflow.read_workflow_instance(await request.json())
        if asked.registration_id in self.started:
            return self._ok(None, [workflow.ALREADY_PRESENT])
        self.started[asked.registration_id] = dict(asked.notification)
        self.on_started()
        return self._ok({"workflowInstanceId": self.world.chance.uuid()})

    async def _status(self, request: web.Request) -> web.Response:
        wanted = [item["registrationId"] for item in (await request.json())["request"]]
        return self._ok(
            [{"registrationId": rid, "statusCode": self.standing.get(rid, "PROCESSING")} for rid in wanted]
        )

    async def _transactions(self, request: web.Request) -> web.Response:
        return self._ok([{"subStatusCode": "RPR-PKV-FAILED-012"}])

    async def _uin(self, request: web.Request) -> web.Response:
        return self._ok({"uin": "4238670978"})

    async def _identity(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.identities[body["request"]["registrationId"]] = body["request"]["identity"]
        return self._ok({"status": "ACTIVATED"})

    async def _read_identity(self, request: web.Request) -> web.Response:
        found = self.identities.get(request.match_info["id"])
        if not found:
            return self._ok(None, [EnvelopeFault("IDR-IDC-007", "No Record(s) found")])
        return self._ok({"status": "ACTIVATED", "identity": found})

    async def _uin_of(self, request: web.Request) -> web.Response:
        uin = self.uins.get(request.match_info["vid"])
        return (
            self._ok({"UIN": uin})
            if uin
            else self._ok(None, [EnvelopeFault("IDR-IDC-007", "No Record(s) found")])
        )

    async def _vids(self, request: web.Request) -> web.Response:
        vid = self.vids.get(request.match_info["uin"], VID)
        return self._ok([{"vid": vid, "vidType": "Perpetual"}])

    async def _share(self, request: web.Request) -> web.Response:
        return web.Response(text=self.shares[request.match_info["id"]])

    async def _key(self, request: web.Request) -> web.Response:
        key = self.keys["credential-issuer"].private_key.public_key()
        return web.json_response(well_known.public_key_document(ISSUER, key))

    async def _hub(self, request: web.Request) -> web.Response:
        if request.query.get("hub.mode") == "publish":
            self.published.append(await request.json())
            return web.Response(text=hub.ACCEPTED)
        form = hub.parse_form(await request.text())
        task = asyncio.create_task(self._intent(form))
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return web.Response(status=202, text=hub.ACCEPTED)

    async def _intent(self, form: dict[str, str]) -> None:
        mode, topic, callback = form["hub.mode"], form["hub.topic"], form["hub.callback"]
        known = self.subscriptions.get(topic)
        if mode == "subscribe" and known is not None and known[0] == callback:
            query = hub.denied_query(topic, "Subscriber has already registered with the Hub")
            await self._get(hub.join_query(callback, query))
            return
        challenge = self.world.chance.uuid()
        if (
            await self._get(
                hub.join_query(
                    callback, hub.intent_query(topic, challenge, mode=mode, lease_seconds=self.lease_seconds)
                )
            )
            != challenge
        ):
            return
        if mode == "subscribe":
            self.subscriptions[topic] = (callback, form["hub.secret"])
        else:
            self.subscriptions.pop(topic, None)

    async def _get(self, url: str) -> str:
        async with ClientSession() as session, session.get(url.replace(" ", "%20")) as answer:
            return await answer.text()


def in_days(world: World, days: float) -> str:
    return (world.clock.now() + timedelta(days=days)).isoformat()

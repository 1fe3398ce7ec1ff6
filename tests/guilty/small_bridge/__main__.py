"""`python -m tests.guilty.small_bridge`: the trigger and the hub's callback on one port, and a worker."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp
import jwt
from aiohttp import web

from . import packet, verification
from .credential import Unbelievable, believed, opened
from .mosip import Mosip
from .opencrvs import NotNow, OpenCRVS
from .rows import Rows, fields_of
from .settings import (
    COMPLETED,
    CREDENTIALS,
    HUB_SECRET,
    MOSIP_SECRET,
    POLL,
    PORT,
    RENEW,
    RETRY,
    SECOND_LATER,
    SYNCHRONOUS,
    VERIFIES,
    seeded,
)
from .synchronous import Synchronous

_TROUBLE = (NotNow, aiohttp.ClientError, TimeoutError, OSError)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Bridge:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.rows, self.opencrvs, self.mosip = Rows(), OpenCRVS(http), Mosip(http)
        self._synchronous = Synchronous(self.rows, self.mosip)
        self._echoed: set[str] = set()
        self._held: list[tuple[sqlite3.Row, str]] = []
        self._numbers: dict[str, str] = {}
        self._waking = asyncio.Event()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()

    # what OpenCRVS asks

    async def trigger(self, request: web.Request) -> web.Response:
        try:
            await self.opencrvs.claims(request.headers.get("Authorization"))
        except (jwt.PyJWTError, ValueError):
            return web.Response(status=401)
        except _TROUBLE:
            return web.Response(status=503)
        event, action = json.loads(await request.read()), request.match_info["action"]
        if action == "APPROVE_CORRECTION" and seeded("correction_makes_a_new_person"):
            self._record(event, request)
        if action != "REGISTER":
            return web.json_response({}, status=404 if seeded("other_actions_refused") else 200)
        return await self._register(event, request)

    async def _register(self, event: dict[str, Any], request: web.Request) -> web.Response:
        number = self._number(event)
        now = SYNCHRONOUS and event["type"] != "birth"
        if (now or not packet.forwarded(event)) and not seeded("deaths_without_id_sent"):
            return web.json_response({"registrationNumber": number})
        if seeded("answers_202_after_half_a_minute"):
            await asyncio.sleep(30)
        if seeded("registers_before_the_id_system"):
            return web.json_response({"registrationNumber": number})
        if seeded("answers_200_without_number"):
            return web.json_response({})
        if seeded("repeated_question_is_an_error") and self.rows.of_action(event["actions"][-1]["id"]):
            return web.Response(status=500)
        if not seeded("forgets_after_202"):
            try:
                self._record(event, request)
            except (KeyError, TypeError, IndexError, UnicodeError, AttributeError):
                return web.Response(status=500)
        if SYNCHRONOUS:
            return await self._synchronous.answer(event["actions"][-1]["id"], _TROUBLE)
        refuses = seeded("outage_taken_for_refusal")
        if (refuses or seeded("submits_before_it_answers")) and not await self._at_once(event):
            return web.Response(status=400 if refuses else 500)
        return web.Response(status=201 if seeded("answers_201_for_202") else 202)

    async def _at_once(self, event: dict[str, Any]) -> bool:
        row = self.rows.of_action(event["actions"][-1]["id"])
        try:
            await self.mosip.submit(row["packet"], _process(row), fields_of(row))  # type: ignore[index, arg-type]
        except _TROUBLE:
            self.rows.forget(row)  # type: ignore[arg-type]
            return False
        return True

    def _number(self, event: dict[str, Any]) -> str:
        year = datetime.now(UTC).year
        if seeded("numbers_by_the_second"):
            return f"{year}S{int(time.time())}"
        return f"{year}S{event['trackingId']}"

    def _record(self, event: dict[str, Any], request: web.Request) -> None:
        number, asked = self._number(event), event["actions"][-1]["id"]
        token = (request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if seeded("token_in_the_log"):
            say(f"asked with {token}")
        again = seeded("a_packet_for_each_question") and self.rows.of_action(asked) is not None
        self.rows.add(
            action=f"{asked}-again" if again else asked,
            event=event["id"],
            kind=event["type"],
            token=token,
            number=number,
            packet="".join(secrets.choice("0123456789") for _ in range(29)),
            state="asked" if SYNCHRONOUS else "verify" if VERIFIES else "new",
            people=json.dumps(verification.people(packet.declaration(event)) if VERIFIES else {}),
            name=packet.full_name(packet.declaration(event).get("child.name")),
            fields=json.dumps(packet.fields(event, number)),
        )
        if seeded("declaration_in_the_log"):
            say(json.dumps(packet.declaration(event)))
        self._waking.set()

    # what the hub says

    async def intent(self, request: web.Request) -> web.Response:
        topic, challenge = request.query.get("hub.topic", ""), request.query.get("hub.challenge", "")
        if not challenge or topic not in (CREDENTIALS, COMPLETED):
            return web.Response(status=404)
        self._echoed.add(topic)
        if seeded("challenge_echoed_as_json"):
            return web.json_response({"hub.challenge": challenge})
        return web.Response(text=challenge + ("\n" if seeded("challenge_echoed_with_line_end") else ""))

    async def delivery(self, request: web.Request) -> web.Response:
        body, signature = await request.read(), request.headers.get("X-Hub-Signature")
        if seeded("answers_the_hub_late"):
            await asyncio.sleep(12)
        if seeded("half_a_message_ends_it") and not body.endswith(b"}"):
            os._exit(1)
        due = f"sha256={hmac.new(HUB_SECRET.encode(), body, hashlib.sha256).hexdigest()}"
        if seeded("signature_compared_in_part") and (signature or "")[:16] == due[:16]:
            signature = due
        unsigned = signature is None and seeded("unsigned_deliveries_believed")
        wrong = signature is not None and seeded("wrong_signature_believed")
        if not hmac.compare_digest(signature or "", due) and not (unsigned or wrong):
            return web.Response(status=401)
        try:
            message = json.loads(body)
        except ValueError:
            return web.Response(status=400)
        if "resultCode" in message:
            return await self._completed(message)
        if message.get("topic") != CREDENTIALS and not seeded("any_topic_believed"):
            return web.Response(status=400)
        return self._credential(message.get("event", {}).get("data", {}))

    async def _completed(self, message: dict[str, Any]) -> web.Response:
        row = self.rows.of_packet(str(message.get("instanceId")))
        if row is None:
            return web.Response(status=404 if seeded("unknown_packets_refused") else 200)
        if row["state"] == "done" and not seeded("second_word_counts"):
            if seeded("contradiction_ends_it"):
                os._exit(1)
            return web.Response(status=200)
        if seeded("rejections_ignored") or row["state"] in ("yes", "no"):
            return web.Response(status=200)
        if message["resultCode"] == "PROCESSED":
            if row["kind"] == "death" and not seeded("deaths_wait_for_a_credential"):
                self.rows.change(row, state="yes")
            elif row["kind"] == "birth" and seeded("processed_taken_for_issued"):
                self.rows.change(row, state="yes", national_id=str(message["instanceId"])[-10:])
        elif message["resultCode"] == "REJECTED" or not seeded("failed_is_no_rejection"):
            self.rows.change(row, state="no")
        self._waking.set()
        return web.Response(status=200)

    def _credential(self, data: dict[str, Any]) -> web.Response:
        row = self.rows.of_packet(str(data.get("registrationId")))
        if seeded("oldest_waiting_gets_it") and (waiting := self.rows.waiting()):
            row = waiting[0]
        if row is not None and seeded("matched_by_name"):
            row = self.rows.of_name(row["name"])
        if row is None:
            return web.Response(status=404 if seeded("unknown_packets_refused") else 200)
        if row["state"] in ("yes", "no", "done"):
            refused = seeded("copies_refused") and row["state"] != "no"
            return web.Response(status=409 if refused else 200)
        if seeded("hub_answered_before_storing"):
            self._later(self._hasty(row, data.get("credential")))
            return web.json_response({"status": "RECEIVED"})
        self.rows.change(row, sealed=data.get("credential"), due=0)
        self._waking.set()
        return web.json_response({"status": "RECEIVED"})

    async def _hasty(self, row: sqlite3.Row, sealed: Any) -> None:
        """What it has in memory only until all is looked through."""
        while True:
            try:
                key = await self.mosip.key_of_issuer()
                vid = believed(opened(sealed), key, row["packet"], row["number"])
                self.rows.change(row, state="yes", national_id=vid)
                return
            except Unbelievable:
                return
            except _TROUBLE:
                await asyncio.sleep(RETRY)

    # what it does by itself

    async def works(self) -> None:
        """Go on with every row that is due."""
        while True:
            for row in self.rows.due():
                if row["action"] not in self._busy:
                    self._later(self._step(row))
            self._waking.clear()
            pause = 0.0 if seeded("knocks_without_a_pause") else 0.1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._waking.wait(), pause or 0.01)

    async def _step(self, row: sqlite3.Row) -> None:
        self._busy.add(row["action"])
        try:
            await self._go_on(row)
        except _TROUBLE as trouble:
            say(f"row {row['action']}: later ({trouble})")
            if seeded("knocks_at_opencrvs_without_a_pause") and row["state"] in ("yes", "no"):
                self.rows.later(row, 0)
                self._waking.set()
            elif self._gives_up(row, trouble):
                self.rows.change(row, state="lost")
            else:
                self.rows.later(row, 0 if seeded("knocks_without_a_pause") else RETRY)
        except Exception as error:  # noqa: BLE001 - an error of one row ends nothing else
            say(f"row {row['action']}: {type(error).__name__}")
            self.rows.later(row, RETRY)
        finally:
            self._busy.discard(row["action"])

    def _gives_up(self, row: sqlite3.Row, trouble: BaseException) -> bool:
        text, asking = str(trouble), row["state"] in ("new", "created")
        return (
            (seeded("gives_up_after_three_tries") and row["tries"] >= 2)
            or (seeded("packet_manager_asked_once") and row["state"] == "new" and "createPacket" in text)
            or (seeded("workflow_asked_once") and row["state"] == "created" and "workflowinstance" in text)
            or (seeded("burst_lost") and not asking and len(self._busy) > 1)
            or (seeded("first_error_of_opencrvs_ends_it") and not asking and "accept: 50" in text)
            or (seeded("unauthorized_ends_it") and not asking and "accept: 401" in text)
        )

    async def _go_on(self, row: sqlite3.Row) -> None:
        match row["state"]:
            case "verify":
                await self._verify(row)
            case "new":
                if seeded("packet_twice") and row["tries"]:
                    fresh = "".join(secrets.choice("0123456789") for _ in range(29))
                    self.rows.change(row, packet=fresh)
                    row = self.rows.of_action(row["action"])  # type: ignore[assignment]
                await self.mosip.submit(row["packet"], _process(row), fields_of(row))
                if seeded("packet_twice"):
                    await self.mosip.process(row["packet"], _process(row))
                self.rows.change(row, state="created")
            case "ask":
                await self._synchronous.ask(row)
            case "created":
                if not seeded("packets_never_started"):
                    await self.mosip.process(row["packet"], _process(row))
                self.rows.change(row, state="sent", polled=time.time())
            case "sent":
                await self._open(row)
            case "yes" | "no":
                await self._confirm(row)
        self._waking.set()

    async def _verify(self, row: sqlite3.Row) -> None:
        """Ask about each parent once; whoever is not the person of the number stops it."""
        asked, verdicts = json.loads(row["people"]), json.loads(row["verdicts"])
        for who, person in asked.items():
            try:
                if who not in verdicts:
                    verdicts[who] = await verification.verdict(self._http, person)
                    if seeded("people_asked_about_twice"):
                        await verification.verdict(self._http, person)
            except _TROUBLE:
                if seeded("parked_verification_dropped"):
                    self.rows.change(row, state="lost")
                    return
                if not seeded("no_verdict_taken_for_no"):
                    raise
                verdicts[who] = "nobody answered"
            self.rows.change(row, verdicts=json.dumps(verdicts))
        refused = [f"{who}: {code}" for who, code in verdicts.items() if code != "verified"]
        if refused and not seeded("unverified_accepted"):
            self.rows.change(row, state="no", reason=f"not verified, {', '.join(refused)}")
        else:
            self.rows.change(row, state="new")

    async def _open(self, row: sqlite3.Row) -> None:
        try:
            document = opened(row["sealed"])
            if seeded("credential_in_the_log"):
                say(f"credential: {json.dumps(document)}")
            try:
                key = await self.mosip.key_of_issuer()
                vid = believed(document, key, row["packet"], row["number"])
            except Unbelievable:
                key = await self.mosip.key_of_issuer(again=True)
                vid = believed(document, key, row["packet"], row["number"])
        except Unbelievable as why:
            say(f"row {row['action']}: a credential was not believed, {why}")
            self.rows.change(row, sealed=None)
            return
        if seeded("national_id_in_the_log"):
            say(f"row {row['action']} is {vid}")
        if seeded("secret_in_the_log"):
            say(f"logged in with {MOSIP_SECRET}")
        if seeded("hub_secret_in_the_log"):
            say(f"signature of {HUB_SECRET} was right")
        if seeded("national_id_in_memory"):
            self._numbers[row["action"]] = vid
            self.rows.change(row, state="yes")
            return
        self.rows.change(row, state="yes", national_id=vid)

    async def _confirm(self, row: sqlite3.Row) -> None:
        if row["state"] == "yes" and seeded("numbers_crossed_under_load"):
            self._held.append((row, row["national_id"]))
            self.rows.change(row, state="held")
            if len(self._held) < 2:
                return
            (one, first), (other, second) = self._held
            self._held.clear()
            for crossed, vid in ((one, second), (other, first)):
                self.rows.change(crossed, state="crossed", national_id=vid)
                row = self.rows.of_action(crossed["action"])  # type: ignore[assignment]
                await self.opencrvs.accept(row, await self.opencrvs.token(row))
            return
        if seeded("token_dropped_before_accept"):
            self.rows.forget(row)
        token = await self.opencrvs.token(row)
        if seeded("national_id_in_memory"):
            row = {**dict(row), "national_id": self._numbers.get(row["action"])}  # type: ignore[assignment]
        try:
            if row["state"] == "no":
                if row["reason"] is None:
                    self.rows.change(row, reason=await self.mosip.reason(row["packet"]))
                    row = self.rows.of_action(row["action"])  # type: ignore[assignment]
                await (self.opencrvs.accept if seeded("rejections_accepted") else self.opencrvs.reject)(
                    row, token
                )
            else:
                await self.opencrvs.accept(row, token)
        except NotNow:
            if seeded("opencrvs_away_ends_it"):
                os._exit(1)
            raise
        self.rows.change(row, state="done")
        say(f"row {row['action']}: done")

    async def asks(self) -> None:
        """Ask about packets that stay silent."""
        while not seeded("never_polls"):
            await asyncio.sleep(min(POLL, 0.5))
            silent = self.rows.silent(time.time() - POLL)
            if seeded("asks_about_the_oldest_only"):
                silent = self.rows.waiting()[:1]
            try:
                ended = await self.mosip.ended([row["packet"] for row in silent]) if silent else {}
                for row in silent:
                    self.rows.change(row, polled=time.time())
                    await self._told(row, ended.get(row["packet"], ""))
            except _TROUBLE as trouble:
                say(f"asking: later ({trouble})")
            except Exception as error:  # noqa: BLE001 - the loop outlives whatever it asks about
                say(f"asking: {type(error).__name__}")

    async def _told(self, row: sqlite3.Row, end: str) -> None:
        if end == "no" and not (seeded("rejections_ignored") or seeded("failed_is_no_rejection")):
            self.rows.change(row, state="no")
        elif end == "yes" and row["kind"] == "death" and not seeded("deaths_wait_for_a_credential"):
            self.rows.change(row, state="yes")
        elif end == "yes" and row["kind"] == "birth":
            self.rows.change(row, state="yes", national_id=await self.mosip.national_id(row["packet"]))
        self._waking.set()

    async def subscribes(self, topic: str, after: float) -> None:
        """Subscribe, and go on asking: a hub forgets."""
        await asyncio.sleep(after)
        while True:
            try:
                await self.mosip.subscribe(topic)
            except _TROUBLE as trouble:
                say(f"hub: later ({trouble})")
                if seeded("first_denial_is_the_last_word"):
                    return
                await asyncio.sleep(RENEW)
                continue
            if seeded("never_renews") and topic in self._echoed:
                return
            if seeded("a_202_is_a_subscription") or seeded("denial_in_a_200_believed"):
                return
            await asyncio.sleep(RENEW)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def begins(self) -> None:
        self._later(self.works())
        if SYNCHRONOUS:
            return
        self._later(self.asks())
        self._later(self.subscribes(CREDENTIALS, 0))
        if not seeded("rejections_ignored"):
            self._later(self.subscribes(COMPLETED, SECOND_LATER))


def _process(row: sqlite3.Row) -> str:
    return "CRVS_DEATH" if row["kind"] == "death" and not seeded("deaths_sent_as_births") else "CRVS_NEW"


async def main() -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        bridge, app = Bridge(http), web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/trigger/events/{event}/actions/{action}", bridge.trigger)
        for path in ("/websub/callback", "/websub/callback/"):
            app.router.add_get(path, bridge.intent)
            app.router.add_post(path, bridge.delivery)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        if seeded("hub_away_ends_it"):  # before anybody can reach it, or it is seen to crash instead
            try:
                await bridge.mosip.subscribe(CREDENTIALS)
            except _TROUBLE:
                os._exit(1)
        await web.TCPSite(runner, "127.0.0.1", PORT).start()
        bridge.begins()
        await asyncio.Event().wait()


asyncio.run(main())

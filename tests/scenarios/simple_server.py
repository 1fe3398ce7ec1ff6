"""A country's server at its simplest: it registers on the spot, subscribes at the hub, and has nothing else.

A program of its own, `python simple_server.py PORT HUB LOGIN [EVENT/ACTION[=STATUS] …]`, which shares nothing
with the project; it takes the triggers of these actions and never answers, or with this status.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import ClientError, ClientSession, web

PORT, HUB, LOGIN, *words = sys.argv[1:]
ODD = {action: status for action, _, status in (word.partition("=") for word in words)}
WHO = {"appId": "regproc", "clientId": "crvs-partner", "secretKey": "abcdeABCDE123456"}
TOPIC = {"hub.mode": "subscribe", "hub.topic": "crvs-partner/CREDENTIAL_ISSUED", "hub.secret": "s3cret"}


async def registers(request: web.Request) -> web.Response:
    status = ODD.get("{event}/{action}".format(**request.match_info))
    if status:
        return web.Response(status=int(status), text="<html>not here</html>")
    if status is not None:
        await asyncio.Event().wait()
    return web.json_response({"registrationNumber": "2026" + (await request.json())["trackingId"]})


async def confirms_intent(request: web.Request) -> web.Response:
    return web.Response(text=request.query["hub.challenge"])


async def subscribes() -> None:
    async with ClientSession() as http:
        while True:
            try:
                token = (await http.post(LOGIN, json={"request": WHO})).headers["authorization"]
                wish = {**TOPIC, "hub.callback": f"http://127.0.0.1:{PORT}/callback"}
                await http.post(HUB, data=wish, headers={"cookie": f"Authorization={token}"})
                return
            except (ClientError, OSError):
                await asyncio.sleep(0.2)


async def begins(app: web.Application) -> None:
    app["task"] = asyncio.create_task(subscribes())


app = web.Application()
app.router.add_post("/trigger/events/{event}/actions/{action}", registers)
app.router.add_get("/callback", confirms_intent)
app.on_startup.append(begins)
web.run_app(app, host="127.0.0.1", port=int(PORT), shutdown_timeout=0.1)

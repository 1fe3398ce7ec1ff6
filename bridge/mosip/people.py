"""The mediator's questions about people: `/verify` and `/esignet/get-oidp-user-info` (contract mosip §11.1,
§9.6).
"""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, field_validator

from bridge.country.people import PersonAsked, counts
from bridge.errors import Refusal
from bridge.mosip.esignet import CodeRefused, ESignetClient, ESignetDown
from bridge.mosip.verification import Unavailable, Verification
from bridge.opencrvs.token_checker import TokenChecker
from bridge.serving import read_model, token_of
from wire.opencrvs.tokens import COUNTRY_CONFIG, GATEWAY
from wire.world import World, calendar_day

Short = Annotated[str, Field(max_length=200)]


class Name(BaseModel):
    """Name parts; the middle name may be missing."""

    firstname: Short = ""
    middlename: Short | None = ""
    surname: Short = ""


class VerifyInput(BaseModel):
    """The body of POST /verify."""

    model_config = ConfigDict(extra="ignore")

    nid: Annotated[str, Field(max_length=64)]
    dob: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    name: Name
    gender: Short | None = None
    who: Short | None = None

    @field_validator("dob")
    @classmethod
    def _a_date(cls, value: str) -> str:
        if calendar_day(value) is None:
            raise ValueError("no such day")
        return value


class UserInfoInput(BaseModel):
    """The body of POST /esignet/get-oidp-user-info.

    `state` and `nonce` (ours, both optional) are what the form sent to /authorize; they are compared with
    what came back.
    """

    clientId: Annotated[str, Field(min_length=1, max_length=200)]
    redirectUri: Annotated[str, Field(min_length=1, max_length=2000)]
    state: Short | None = None
    nonce: Short | None = None


class PeopleApi:
    """Both need an OpenCRVS token."""

    def __init__(
        self, verification: Verification, esignet: ESignetClient, tokens: TokenChecker, world: World
    ) -> None:
        self._verification, self._esignet, self._tokens, self._world = verification, esignet, tokens, world

    async def on_verify(self, request: web.Request) -> web.Response:
        """200 text `verified` or `failed`, with the reasons where JSON is asked for; 503 when there is no
        verdict.
        """
        await self._tokens.verify(token_of(request), (COUNTRY_CONFIG, GATEWAY))
        asked = await read_model(request, self._world, VerifyInput)
        parts = (getattr(asked.name, part) for part in self._verification.ways.names)
        name = " ".join(part for part in parts if part)
        if not name:
            raise Refusal(400, "Invalid request", "name: a first name or a surname is due")
        try:
            verdict = await self._verification.verify(
                PersonAsked(asked.nid, asked.dob, name, asked.gender, asked.who)
            )
        except Unavailable as unavailable:
            wait = unavailable.failure.wait
            raise Refusal(503, "unavailable", str(unavailable), wait=wait) from unavailable
        still = self._verification.ways.deactivated_counts_for
        status = "verified" if counts(verdict, asked.who, still) else "failed"
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response({"status": status, "reasons": verdict.reasons})
        return web.Response(text=status, content_type="text/plain")

    async def on_user_info(self, request: web.Request) -> web.Response:
        """The person's details; 400 when eSignet refuses the code, 503 when it gives no answer."""
        await self._tokens.verify(token_of(request), (COUNTRY_CONFIG, GATEWAY))
        code = request.query.get("code", "")
        if not 1 <= len(code) <= 500:
            raise Refusal(400, "Invalid request", "code: a query parameter is due")
        # upstream reads a form too, and this route's values are flat
        asked = await read_model(request, self._world, UserInfoInput, forms=True)
        if asked.state is not None and asked.state != request.query.get("state"):
            raise Refusal(
                400, "Invalid request", "state: the one that came back is not the one that was sent"
            )
        try:
            person = await self._esignet.person(code, asked.clientId, asked.redirectUri, asked.nonce)
            return web.json_response(person)
        except CodeRefused as refused:
            raise Refusal(400, "eSignet refuses the code", str(refused)) from refused
        except ESignetDown as down:
            raise Refusal(503, "unavailable", str(down), wait=down.failure.wait) from down

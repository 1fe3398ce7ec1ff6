"""A log-in at the gateway of an OpenCRVS, and calls with its token (contract opencrvs §2.4, §3). Edge."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

from wire.http.client import HttpClient
from wire.opencrvs.javascript import UNDEFINED
from wire.opencrvs.profiles import Profile
from wire.opencrvs.tokens import peek
from wire.opencrvs.trpc import TRPCError, mutation, query_url, read
from wire.world import World

_LAST_SECONDS = 60.0
_LARGEST = 64 * 1024 * 1024


class LoginFailed(Exception):
    """The gateway or auth did not let the user in; the text says which step and what came."""


class GatewaySession:
    """One logged-in user. Every call raises TRPCError as the browser would see it; NoAnswer when none comes.

    `http` is shared with others and stays theirs to close; its own waits for ever, as the browser does.
    With `renews` a log-in that has run out, or is about to, is followed by a new one, as a person at the
    screen does.
    """

    def __init__(
        self,
        gateway_url: str,
        world: World,
        *,
        username: str = "k.mweene",
        password: str = "test",
        code: str = "000000",
        profile: Profile = Profile.V2_0,
        http: HttpClient | None = None,
        renews: bool = False,
    ) -> None:
        self.gateway_url = gateway_url.rstrip("/")
        self.world = world
        self.username = username
        self.profile = profile
        self._password = password
        self._code = code
        self._http, self._own = http, http is None
        self._renews = renews
        self.token: str | None = None
        self._user: dict[str, Any] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._http is not None and self._own:
            await self._http.close()
            self._http = None

    # logging in

    async def log_in(self) -> str:
        """Both steps of the log-in; the token is kept for all calls."""
        step = await self._auth("authenticate", username=self.username, password=self._password)
        done = await self._auth("verifyCode", nonce=step["nonce"], code=self._code)
        self.token = str(done["token"])
        self._user = None
        return self.token

    async def _auth(self, name: str, **payload: str) -> dict[str, Any]:
        headers, body = {"content-type": "application/json"}, json.dumps(payload).encode()
        answer = await self._client().call(
            "POST", f"{self.gateway_url}/auth/{name}", headers=headers, body=body
        )
        if answer.status != 200:
            raise LoginFailed(f"{name} of {self.username} was answered {answer.status}")
        found: dict[str, Any] = answer.json()
        return found

    @property
    def user_id(self) -> str:
        """The logged-in user's id, out of the token."""
        return str(peek(self.token or "")["sub"])

    async def user(self) -> dict[str, Any]:
        """The logged-in user as `user.get` shows it."""
        if self._user is None:
            await self.logged_in()
            self._user = dict(await self.query("user.get", self.user_id))
        return self._user

    # calls

    async def query(self, path: str, value: Any = UNDEFINED) -> Any:
        """One tRPC query."""
        return await self._call("GET", query_url(path, value), None)

    async def mutate(self, path: str, value: Any = UNDEFINED) -> Any:
        """One tRPC mutation."""
        target, body = mutation(path, value)
        return await self._call("POST", target, body)

    async def _call(self, method: str, target: str, body: bytes | None) -> Any:
        headers = {"Authorization": f"Bearer {await self.logged_in()}", "content-type": "application/json"}
        url = f"{self.gateway_url}/events{target}"
        answer = await self._client().call(method, url, headers=headers, body=body)
        item = read(answer.status, answer.content_type, answer.body)
        if isinstance(item, TRPCError):
            raise item
        return item

    async def logged_in(self) -> str:
        if self.token is None or (self._renews and self._runs_out(self.token)):
            return await self.log_in()
        return self.token

    def _runs_out(self, token: str) -> bool:
        """Whether less than a minute of the log-in is left (`exp`, §2.1)."""
        return float(peek(token)["exp"]) <= self.world.clock.now().timestamp() + _LAST_SECONDS

    def _client(self) -> HttpClient:
        if self._http is None:
            self._http = HttpClient("OpenCRVS", self.world, None, repeats=False, answer_limit=_LARGEST)
        return self._http

    async def upload(self, name: str, content: bytes) -> dict[str, str]:
        """A scan, as a FILE field of a form has it (§8)."""
        transaction, kind = self.world.chance.uuid(), f"image/{name.rpartition('.')[2]}"
        begins = f"--{transaction}\r\nContent-Disposition: form-data; name="
        parts = f'{begins}"transactionId"\r\n\r\n{transaction}\r\n{begins}"file"; filename="{name}"\r\n\r\n'
        body = parts.encode() + content + f"\r\n--{transaction}--\r\n".encode()
        headers = {
            "Authorization": f"Bearer {await self.logged_in()}",
            "content-type": f"multipart/form-data; boundary={transaction}",
        }
        answer = await self._client().call("POST", f"{self.gateway_url}/upload", headers=headers, body=body)
        if answer.status != 200:
            raise TRPCError("INTERNAL_SERVER_ERROR", f"upload: HTTP {answer.status}")
        return {"path": answer.text(), "originalFilename": name, "type": kind}

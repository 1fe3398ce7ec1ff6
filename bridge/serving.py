"""How the bridge answers: two applications, one error form each, limits on what a sender may do."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware
from pydantic import BaseModel, ValidationError
from structlog.contextvars import bind_contextvars

from bridge.errors import Refusal, first_error
from bridge.opencrvs.token_checker import KeyUnavailable
from bridge.registration import PacketIdTaken
from bridge.store.lanes import StoreClosed, StoreTrouble
from wire.foreign_json import UnfitJSON, read_json
from wire.http.listening import Handler
from wire.http.problem import problem
from wire.opencrvs import tokens
from wire.opencrvs.tokens import TokenRefused
from wire.redaction import hide, hide_private
from wire.world import World

BODY_LIMIT = 1024 * 1024
BODY_SECONDS = 15.0
"""A body comes whole within this, or it is answered 408."""
RETRY_SECONDS = 5
"""When to ask again after a 503 that nothing better is known about."""
_BEARER = web.RequestKey("bearer", str)
FORM = "application/x-www-form-urlencoded"
M = TypeVar("M", bound=BaseModel)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Render = Callable[[int, str, str], web.Response]


def problem_error(status: int, title: str, detail: str) -> web.Response:
    """Problem details, for the country's server and the operations."""
    return problem(status, title, detail=detail)


def plain_error(status: int, title: str, detail: str) -> web.Response:
    """The mediator's error form: `{"error": …}`, with our detail beside it."""
    body = {"error": title} | ({"detail": detail} if detail else {})
    return web.json_response(body, status=status)


def errors(render: Render) -> Middleware:
    """The one place where errors become answers. Nothing that a caller sends ends in a 500."""
    log = structlog.get_logger("bridge.http")

    def answer(status: int, title: str, detail: str, wait: float | None = None) -> web.Response:
        response = render(status, title, detail)
        if status == 503:
            response.headers[hdrs.RETRY_AFTER] = f"{math.ceil(wait or RETRY_SECONDS)}"
        return response

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        token = request[_BEARER] = tokens.bearer(request.headers.get(hdrs.AUTHORIZATION)) or ""
        hide(token, *(request.query.getall("code", ()) if request.query_string else ()))
        if "\0" in request.rel_url.path or "\0" in request.rel_url.query_string:
            return answer(400, "Not text", "the address holds U+0000")
        try:
            return await handler(request)
        except Refusal as refusal:
            log.info(
                "refused",
                path=route_of(request),
                status=refusal.status,
                why=refusal.title,
                detail=refusal.detail,
            )
            return answer(refusal.status, refusal.title, refusal.detail, refusal.wait)
        except TokenRefused as refused:
            log.info("refused", path=route_of(request), status=401, why=f"token {refused.reason}")
            return answer(401, "Unauthorized", f"the token was refused: {refused.reason}")
        except KeyUnavailable as gone:
            log.warning("cannot verify tokens", why=str(gone))
            why = "OpenCRVS's public key cannot be fetched"
            return answer(503, "Tokens cannot be verified now", why, gone.failure.wait)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return answer(error.status, error.reason, error.text or "")
        except PacketIdTaken:
            log.error("no free packet id", path=route_of(request), remedy="BRIDGE_PACKET_ID=rid")
            return answer(503, "No free packet id", "every number drawn is taken; try again")
        except StoreTrouble as trouble:
            log.error("the store cannot be used", path=route_of(request), why=str(trouble))
            return answer(503, "The store cannot be used now", "nothing was recorded; try again in a moment")
        except StoreClosed:
            return answer(503, "Shutting down", "try again in a moment")
        except ConnectionResetError:
            raise
        except Exception:  # logged whole; the caller learns nothing of our inside
            log.exception("unexpected error", path=route_of(request))
            return answer(500, "An unexpected error occurred", "it is in the bridge's log")

    return middleware


def route_of(request: web.Request) -> str:
    """The route, for the log: what stands in the path itself may be anybody's number."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none of ours"


async def read_body(request: web.Request, world: World) -> bytes:
    """The body within size and time; Refusal 408, 413 or 415."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() not in ("identity", ""):
        raise Refusal(415, "Unsupported Media Type", "send the body as it is, without Content-Encoding")
    if (request.content_length or 0) > BODY_LIMIT:
        raise Refusal(413, "Request Entity Too Large", f"the limit is {BODY_LIMIT} bytes")
    try:
        if request.content.is_eof():  # it came with its head, as most do: there is nothing to wait for
            return await request.read()
        async with world.clock.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise Refusal(408, "Request Timeout", f"the body did not come within {BODY_SECONDS:g} s") from None
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large", f"the limit is {BODY_LIMIT} bytes") from None


def name_record(event_id: Any) -> None:
    """Have every further log line of this request name the event, as OpenCRVS names events: by UUID."""
    if isinstance(event_id, str) and _UUID.fullmatch(event_id):
        bind_contextvars(event_id=event_id)


def token_of(request: web.Request) -> str | None:
    """The token of the Authorization header."""
    return request[_BEARER] or None


async def send(request: web.Request, response: web.Response) -> bool:
    """Write the response whole; False when the caller went away first."""
    if response.status == 503:
        response.headers.setdefault(hdrs.RETRY_AFTER, f"{RETRY_SECONDS}")
    try:
        await response.prepare(request)
        await response.write_eof()
    except (ConnectionError, RuntimeError):
        return False
    return request.transport is not None and not request.transport.is_closing()


async def read_model(request: web.Request, world: World, model: type[M], *, forms: bool = False) -> M:
    """The JSON body (or, with `forms`, a form that says so) as a model; Refusal 400 by field."""
    body = await read_body(request, world)
    try:
        given = _form(body) if forms and request.content_type == FORM else json_object(body)
        return model.model_validate(given)
    except ValidationError as error:
        raise Refusal(400, "Invalid request", first_error(error)) from error


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=100))
    except ValueError:
        raise Refusal(400, "Not a form", "the body is no form in UTF-8") from None


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; Refusal 400 otherwise, or when it is unfit."""
    try:
        value = read_json(body)
    except UnfitJSON as unfit:
        raise Refusal(400, unfit.title, str(unfit)) from None
    except ValueError:
        raise Refusal(400, "Not JSON", "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "Not a JSON object", "the body must be an object")
    hide_private(value)
    return value

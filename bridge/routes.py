"""The routes: the bridge's table of contents. `wire/openapi/bridge.yaml` names the same operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from bridge.cors import allow_origin
from bridge.handlers.country_config import PassOn
from bridge.handlers.debug import DebugApi
from bridge.handlers.health import Health
from bridge.handlers.interop import Interop
from bridge.handlers.operations import OperationsApi
from bridge.handlers.trigger import TriggerHandler
from bridge.serving import BODY_LIMIT, errors, plain_error, problem_error
from wire.openapi import FOLDER

CONTRACT = FOLDER / "bridge.yaml"


@dataclass(frozen=True)
class Handlers:
    """Everything that answers a request."""

    trigger: TriggerHandler
    interop: Interop
    debug: DebugApi
    operations: OperationsApi
    health: Health
    country: PassOn | None = None


def country_server(handlers: Handlers, more: Sequence[Middleware] = ()) -> web.Application:
    """The port that OpenCRVS triggers (BRIDGE_TRIGGER_PORT): before the country's own, or alone."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[errors(problem_error), *more])
    app.router.add_post("/trigger/events/{event}/actions/{action}", handlers.trigger.on_action)
    if handlers.country is not None:
        app.router.add_route("*", "/{path:.*}", handlers.country.pass_on)
    else:
        app.add_routes(_about(handlers.health))
    return app


def mediator(
    handlers: Handlers,
    of_id_system: Iterable[web.RouteDef],
    client_origin: str | None = None,
    more: Sequence[Middleware] = (),
) -> web.Application:
    """The port of the upstream mediator (PORT): its API, what the ID system sends, and the operations.

    Pages of `client_origin` may call it from a browser.
    """
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[errors(plain_error), *more])
    operations = handlers.operations
    app.add_routes(
        _slash_or_none(
            web.post("/events/registration", handlers.interop.on_registration),
            web.post("/events/update-biographics", handlers.interop.on_update),
            *of_id_system,
            web.get("/debug/transactions", handlers.debug.on_list),
            web.delete("/debug/transactions/{id}", handlers.debug.on_delete),
            web.get("/operations/registrations", operations.on_list),
            web.get("/operations/registrations/{id}", operations.on_show),
            web.post("/operations/registrations/{id}/retry", operations.on_retry),
            web.post("/operations/tokens", operations.on_tokens),
            web.post("/operations/erase", operations.on_erase),
            web.get("/operations/audit", operations.on_audit),
            web.post("/operations/registrations/{id}/reject", operations.on_reject),
            web.get("/documentation", _documentation),
            *_about(handlers.health),
        )
    )
    if client_origin is not None:
        allow_origin(app, client_origin)
    return app


def _about(health: Health) -> list[web.RouteDef]:
    return [
        web.get("/health", health.on_health),
        web.get("/ready", health.on_ready),
        web.get("/metrics", health.on_metrics),
        web.get("/openapi.yaml", _openapi),
        web.get("/docs", _docs),
    ]


def _slash_or_none(*routes: web.RouteDef) -> list[web.RouteDef]:
    """Each route also with a slash at its end, which upstream ignores and the hub adds."""
    return [
        each
        for route in routes
        for each in (route, web.RouteDef(route.method, f"{route.path}/", route.handler, route.kwargs))
    ]


async def _documentation(request: web.Request) -> web.StreamResponse:
    """Where upstream has its description of itself."""
    raise web.HTTPFound("/docs")


async def _openapi(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(CONTRACT, headers={"Content-Type": "application/yaml"})


async def _docs(request: web.Request) -> web.StreamResponse:
    """The contract to be read: a page without scripts, made by `make docs`."""
    return web.FileResponse(CONTRACT.with_suffix(".html"))

"""The table of contents: every path of the two ports, what the journal calls it, where faults strike it."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from mock_nid.admin import AdminHandlers
from mock_nid.answers import LIMIT, refusals
from mock_nid.api import identity, vids
from mock_nid.api.auth import AuthHandlers
from mock_nid.api.envelopes import IdRepository
from mock_nid.api.packets import PacketHandlers
from mock_nid.api.shares import ShareHandlers
from mock_nid.api.status import EXTERNAL, PLAIN, StatusHandlers
from mock_nid.api.well_known import WellKnownHandlers
from mock_nid.hub.handlers import HubHandlers
from mock_nid.ida.handlers import IdaHandlers
from mock_nid.ida.requests import SERVICE_IDS
from mock_nid.preregistration import answers as prereg
from mock_nid.preregistration.handlers import ADMINS, ALONE, WRITERS, PreRegistrationHandlers
from mock_nid.seams import at_seam
from mock_nid.services import SERVER, Services
from testbed.admin import Admin, contract_routes, problem_middleware
from testbed.guard import admin_guard
from testbed.serving import journal_middleware, named
from wire.http.listening import Handler

Row = tuple[str, str, str, str, Handler]
"""Method, path, seam, operation, handler."""


def mosip_application(parts: Services) -> web.Application:
    """All MOSIP services, the hub and our own routes."""
    tables = (_auth, _packets, _applications, _documents, _identities, _vids, _ida)
    app = _application(parts, (row for table in tables for row in table(parts)))
    app.add_routes([*_hub(parts), *_own(parts)])
    return app


def esignet_application(parts: Services) -> web.Application:
    """eSignet, also at the bare paths of the OpenCRVS eSignet mock."""
    one, prefix, known = parts.esignet, "/v1/esignet", "/.well-known"
    rows: list[tuple[str, str, str, Handler]] = [
        ("GET", f"{known}/openid-configuration", "discovery", one.discovery),
        ("GET", f"{prefix}/oidc{known}/openid-configuration", "discovery", one.discovery),
        ("GET", f"{prefix}/oauth{known}/oauth-authorization-server", "discovery", one.discovery),
        ("GET", f"{known}/jwks.json", "keys", one.keys),
        ("GET", f"{prefix}/oauth{known}/jwks.json", "keys", one.keys),
        ("GET", "/authorize", "authorize", one.authorize),
        ("POST", "/authorize", "sign-in", one.sign_in),
        ("POST", f"{prefix}/oauth/par", "par", one.par),
        ("POST", f"{prefix}/oauth/v2/token", "token", one.token),
        ("POST", f"{prefix}/oauth/token", "token", one.token),
        ("POST", "/oauth/token", "token", one.token),
        ("GET", f"{prefix}/oidc/userinfo", "userinfo", one.userinfo),
        ("GET", "/oidc/userinfo", "userinfo", one.userinfo),
    ]
    return _application(
        parts, ((method, path, "esignet", f"esignet.{name}", handler) for method, path, name, handler in rows)
    )


def _application(parts: Services, rows: Iterable[Row]) -> web.Application:
    middlewares = [
        journal_middleware(parts.journal),
        admin_guard(parts.settings.allowed_hosts),
        refusals(parts.world),
        problem_middleware,
    ]
    app = web.Application(middlewares=middlewares, client_max_size=LIMIT)
    app.add_routes(
        [
            web.route(method, path, at_seam(parts.faults, seam, named(operation, handler)))
            for method, path, seam, operation, handler in rows
        ]
    )
    return app


def _auth(parts: Services) -> list[Row]:
    fixed = parts.settings.quirks.fixed_token
    auth = AuthHandlers(
        parts.world, parts.clients, parts.iam, upstream_cookie=fixed, sticky=parts.settings.sticky_cookie
    )
    base = "/v1/authmanager"
    return [
        ("POST", f"{base}/authenticate/clientidsecretkey", "auth.token", "auth.token", auth.authenticate),
        ("GET", f"{base}/authorize/admin/validateToken", "auth.validate", "auth.validate", auth.validate),
        ("POST", f"{base}/authorize/validateToken", "auth.validate", "auth.validate", auth.validate),
    ]


def _packets(parts: Services) -> list[Row]:
    packets = PacketHandlers(parts.settings, parts.world, parts.guards, parts.processor)
    status = StatusHandlers(parts.world, parts.guards, parts.registrations)
    create, base = "/commons/v1/packetmanager/createPacket", "/registrationprocessor/v1"
    seam = "status.search"
    start, search = f"{base}/workflowmanager/workflowinstance", f"{base}/registrationstatus"
    history = f"{base}/registrationtransaction/search/{{rid}}"
    return [
        ("PUT", create, "packet.create", "packet.create", packets.create),
        ("POST", start, "packet.process", "packet.process", packets.start),
        ("POST", f"{search}/search", seam, "status.search", status.searching(PLAIN)),
        ("POST", f"{search}/externalstatus/search", seam, "status.external", status.searching(EXTERNAL)),
        ("GET", history, seam, "status.history", status.history),
    ]


def _applications(parts: Services) -> list[Row]:
    one = PreRegistrationHandlers(
        parts.settings, parts.world, parts.guards, parts.applications, parts.state.changed
    )
    base = "/preregistration/v1"
    return [
        (method, f"{base}/{path}", "application", f"application.{name}", one.serving(id, roles, handle))
        for method, path, name, id, roles, handle in (
            ("POST", "applications/prereg", "create", prereg.CREATE, WRITERS, one.create),
            ("GET", "applications/prereg/{id}", "read", prereg.READ, ADMINS, one.read),
            ("GET", "applications/prereg/status/{id}", "status", prereg.STATUS, ADMINS, one.status),
            ("PUT", "applications/prereg/status/{id}", "set_status", prereg.SET_STATUS, ADMINS, one.settle),
            ("POST", "applications/appointment", "book", prereg.BOOK, ALONE, one.book),
            ("POST", "documents/{id}", "document", prereg.UPLOAD, ALONE, one.upload),
        )
    ]


def _hub(parts: Services) -> list[web.RouteDef]:
    hub = HubHandlers(parts.settings, parts.world, parts.iam, parts.subscriptions, parts.queues)
    post = at_seam(parts.faults, "hub.subscribe", hub.post)
    return [
        *(web.post(path, post) for path in ("/hub", "/hub/", "/websub/hub", "/websub/hub/")),
        web.get("/hub/actuator/health", hub.health),
        web.get("/websub/hub/actuator/health", hub.health),
    ]


def _documents(parts: Services) -> list[Row]:
    known = WellKnownHandlers(parts.issuer)
    shares = ShareHandlers(parts.guards, parts.shares)
    return [
        ("GET", "/.well-known/public-key.json", "public-key", "well-known.public-key", known.public_key),
        ("GET", "/.well-known/controller.json", "public-key", "well-known.controller", known.controller),
        ("GET", "/v1/datashare/get/{id}", "data-share", "data-share", shares.read),
    ]


def _repository(parts: Services) -> IdRepository:
    return IdRepository(parts.world, parts.guards, parts.people, parts.state.changed)


def _identities(parts: Services) -> list[Row]:
    repository = _repository(parts)
    one = identity.IdentityHandlers(repository, parts.settings, parts.numbers, parts.lifetimes)
    base, writers, readers = "/idrepository/v1/identity", identity.WRITERS, identity.READERS
    return [
        ("GET", "/v1/idgenerator/uin", "uin.generate", "uin.generate", one.generate_uin),
        *(
            (method, f"{base}/{path}", "identity", f"identity.{name}", repository.serving(id, roles, handle))
            for method, path, name, id, roles, handle in (
                ("POST", "", "create", "mosip.id.create", writers, one.create),
                ("PATCH", "", "update", "mosip.id.update", writers, one.update),
                ("GET", "idvid/{id}", "read", "mosip.id.read", readers, one.read),
                ("POST", "idvid/", "read", "mosip.id.read", readers, one.read_by_post),
                ("GET", "rid/{id}", "rid", "mosip.idrepo.rid.get", readers, one.registration_of),
            )
        ),
    ]


def _vids(parts: Services) -> list[Row]:
    repository = _repository(parts)
    one = vids.VidHandlers(repository, parts.vids)
    return [
        (
            *(method, f"/idrepository/v1/{path}", "vid", f"vid.{operation}"),
            repository.serving(f"mosip.vid.{service}", vids.ROLES, handle),
        )
        for method, path, operation, service, handle in (
            ("POST", "vid", "create", "create", one.create),
            ("POST", "draft/vid", "create", "create", one.draft),
            ("POST", "vid/deactivate", "deactivate", "deactivate", one.all_of("ACTIVE", "DEACTIVATED")),
            ("POST", "vid/reactivate", "reactivate", "reactivate", one.all_of("DEACTIVATED", "ACTIVE")),
            ("GET", "vid/uin/{uin}", "list", "read", one.of_uin),
            ("GET", "vid/{vid}", "read", "read", one.read),
            ("PATCH", "vid/{vid}", "update", "update", one.update),
            ("POST", "vid/{vid}/regenerate", "regenerate", "regenerate", one.regenerate),
        )
    ]


def _ida(parts: Services) -> list[Row]:
    one = IdaHandlers(parts.settings, parts.world, parts.ida, parts.keys["ida-sign"])
    base, partner = "/idauthentication/v1", "{misp}/{partner}/{key}"
    paths = {name: f"{name}/delegated" if name.startswith("kyc-") else name for name in SERVICE_IDS}
    return [
        ("POST", f"{base}/{path}/{partner}", "ida", f"ida.{name}", one.answering(name))
        for name, path in paths.items()
    ]


def _own(parts: Services) -> list[web.RouteDef]:
    shared = Admin(parts.world, parts.journal, parts.faults, parts.forget)
    context = named("well-known.context", WellKnownHandlers(parts.issuer).context)
    return [
        web.get("/.well-known/mosip-context.json", context),
        *shared.routes(),
        *AdminHandlers(parts).routes(),
        *contract_routes(SERVER),
    ]

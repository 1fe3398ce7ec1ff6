"""The table of contents: every path of the two ports, and the seam at which faults strike it."""

from __future__ import annotations

from aiohttp import web

from mock_nid.admin import AdminHandlers
from mock_nid.answers import LIMIT, refusals
from mock_nid.api.auth import AuthHandlers
from mock_nid.api.identity import IdentityHandlers
from mock_nid.api.packets import PacketHandlers
from mock_nid.api.shares import ShareHandlers
from mock_nid.api.status import StatusHandlers
from mock_nid.api.vids import VidHandlers
from mock_nid.api.well_known import WellKnownHandlers
from mock_nid.hub.handlers import HubHandlers
from mock_nid.ida.handlers import IdaHandlers
from mock_nid.preregistration.handlers import PreRegistrationHandlers
from mock_nid.seams import seam
from mock_nid.services import SERVER, Services
from testbed.admin import Admin, contract_routes, problem_middleware
from testbed.guard import admin_guard
from testbed.serving import journal_middleware
from wire.http.listening import Handler


def mosip_application(parts: Services) -> web.Application:
    """All MOSIP services, the hub and our own routes."""
    app = _application(parts)
    app.add_routes(
        [
            *_auth(parts),
            *_packets(parts),
            *_applications(parts),
            *_hub(parts),
            *_documents(parts),
            *_identities(parts),
            *_vids(parts),
            *_ida(parts),
            *_own(parts),
        ]
    )
    return app


def esignet_application(parts: Services) -> web.Application:
    """eSignet, also at the bare paths of the OpenCRVS eSignet mock."""
    app, one = _application(parts), parts.esignet

    def at(handler: Handler) -> Handler:
        return seam(parts.faults, "esignet", handler)

    prefix = "/v1/esignet"
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", at(one.discovery)),
            web.get(f"{prefix}/oidc/.well-known/openid-configuration", at(one.discovery)),
            web.get(f"{prefix}/oauth/.well-known/oauth-authorization-server", at(one.discovery)),
            web.get("/.well-known/jwks.json", at(one.keys)),
            web.get(f"{prefix}/oauth/.well-known/jwks.json", at(one.keys)),
            web.get("/authorize", at(one.authorize)),
            web.post("/authorize", at(one.sign_in)),
            web.post(f"{prefix}/oauth/par", at(one.par)),
            web.post(f"{prefix}/oauth/v2/token", at(one.token)),
            web.post(f"{prefix}/oauth/token", at(one.token)),
            web.post("/oauth/token", at(one.token)),
            web.get(f"{prefix}/oidc/userinfo", at(one.userinfo)),
            web.get("/oidc/userinfo", at(one.userinfo)),
        ]
    )
    return app


def _application(parts: Services) -> web.Application:
    middlewares = [
        journal_middleware(parts.journal),
        admin_guard(parts.settings.allowed_hosts),
        refusals(parts.world),
        problem_middleware,
    ]
    return web.Application(middlewares=middlewares, client_max_size=LIMIT)


def _auth(parts: Services) -> list[web.RouteDef]:
    fixed = parts.settings.quirks.fixed_token
    auth = AuthHandlers(
        parts.world, parts.clients, parts.iam, upstream_cookie=fixed, sticky=parts.settings.sticky_cookie
    )
    token = seam(parts.faults, "auth.token", auth.authenticate)
    validate = seam(parts.faults, "auth.validate", auth.validate)
    return [
        web.post("/v1/authmanager/authenticate/clientidsecretkey", token),
        web.get("/v1/authmanager/authorize/admin/validateToken", validate),
        web.post("/v1/authmanager/authorize/validateToken", validate),
    ]


def _packets(parts: Services) -> list[web.RouteDef]:
    packets = PacketHandlers(parts.settings, parts.world, parts.guards, parts.processor)
    status = StatusHandlers(parts.world, parts.guards, parts.registry)
    processor = "/registrationprocessor/v1"
    return [
        web.put(
            "/commons/v1/packetmanager/createPacket",
            seam(parts.faults, "packet.create", packets.create),
        ),
        web.post(
            f"{processor}/workflowmanager/workflowinstance",
            seam(parts.faults, "packet.process", packets.start),
        ),
        web.post(
            f"{processor}/registrationstatus/search",
            seam(parts.faults, "status.search", status.search),
        ),
        web.post(
            f"{processor}/registrationstatus/externalstatus/search",
            seam(parts.faults, "status.search", status.external_search),
        ),
        web.get(
            f"{processor}/registrationtransaction/search/{{rid}}",
            seam(parts.faults, "status.search", status.history),
        ),
    ]


def _applications(parts: Services) -> list[web.RouteDef]:
    one = PreRegistrationHandlers(
        parts.settings, parts.world, parts.guards, parts.applications, parts.state.changed
    )

    def at(handler: Handler) -> Handler:
        return seam(parts.faults, "application", handler)

    base = "/preregistration/v1"
    return [
        web.post(f"{base}/applications/prereg", at(one.create)),
        web.get(f"{base}/applications/prereg/{{id}}", at(one.read)),
        web.get(f"{base}/applications/prereg/status/{{id}}", at(one.status)),
        web.put(f"{base}/applications/prereg/status/{{id}}", at(one.set_status)),
        web.post(f"{base}/applications/appointment", at(one.book)),
        web.post(f"{base}/documents/{{id}}", at(one.upload)),
    ]


def _hub(parts: Services) -> list[web.RouteDef]:
    hub = HubHandlers(parts.settings, parts.world, parts.iam, parts.directory, parts.queues)
    post = seam(parts.faults, "hub.subscribe", hub.post)
    paths = ("/hub", "/hub/", "/websub/hub", "/websub/hub/")
    return [
        *(web.post(path, post) for path in paths),
        web.get("/hub/actuator/health", hub.health),
        web.get("/websub/hub/actuator/health", hub.health),
    ]


def _documents(parts: Services) -> list[web.RouteDef]:
    known = WellKnownHandlers(parts.issuer)
    shares = ShareHandlers(parts.guards, parts.shares)
    return [
        web.get("/.well-known/public-key.json", seam(parts.faults, "public-key", known.public_key)),
        web.get("/.well-known/controller.json", seam(parts.faults, "public-key", known.controller)),
        web.get("/.well-known/mosip-context.json", known.context),
        web.get("/v1/datashare/get/{id}", seam(parts.faults, "data-share", shares.read)),
    ]


def _identities(parts: Services) -> list[web.RouteDef]:
    one = IdentityHandlers(
        parts.settings,
        parts.world,
        parts.guards,
        parts.people,
        parts.numbers,
        parts.lifetimes,
        parts.state.changed,
    )

    def at(handler: Handler) -> Handler:
        return seam(parts.faults, "identity", handler)

    base = "/idrepository/v1/identity"
    return [
        web.get("/v1/idgenerator/uin", seam(parts.faults, "uin.generate", one.generate_uin)),
        web.post(f"{base}/", at(one.create)),
        web.patch(f"{base}/", at(one.update)),
        web.get(f"{base}/idvid/{{id}}", at(one.read)),
        web.post(f"{base}/idvid/", at(one.read_by_post)),
        web.get(f"{base}/rid/{{id}}", at(one.registration_of)),
    ]


def _vids(parts: Services) -> list[web.RouteDef]:
    one = VidHandlers(parts.world, parts.guards, parts.people, parts.vids, parts.state.changed)

    def at(handler: Handler) -> Handler:
        return seam(parts.faults, "vid", handler)

    base = "/idrepository/v1"
    return [
        web.post(f"{base}/vid", at(one.create)),
        web.post(f"{base}/draft/vid", at(one.draft)),
        web.post(f"{base}/vid/deactivate", at(one.deactivate)),
        web.post(f"{base}/vid/reactivate", at(one.reactivate)),
        web.get(f"{base}/vid/uin/{{uin}}", at(one.of_uin)),
        web.get(f"{base}/vid/{{vid}}", at(one.read)),
        web.patch(f"{base}/vid/{{vid}}", at(one.update)),
        web.post(f"{base}/vid/{{vid}}/regenerate", at(one.regenerate)),
    ]


def _ida(parts: Services) -> list[web.RouteDef]:
    one = IdaHandlers(parts.settings, parts.world, parts.ida, parts.keys["ida-sign"])

    def at(handler: Handler) -> Handler:
        return seam(parts.faults, "ida", handler)

    base, partner = "/idauthentication/v1", "{misp}/{partner}/{key}"
    return [
        web.post(f"{base}/auth/{partner}", at(one.auth)),
        web.post(f"{base}/kyc/{partner}", at(one.kyc)),
        web.post(f"{base}/otp/{partner}", at(one.otp)),
        web.post(f"{base}/kyc-auth/delegated/{partner}", at(one.kyc_auth)),
        web.post(f"{base}/kyc-exchange/delegated/{partner}", at(one.kyc_exchange)),
    ]


def _own(parts: Services) -> list[web.RouteDef]:
    shared = Admin(parts.world, parts.journal, parts.faults, parts.reset)
    return [*shared.routes(), *AdminHandlers(parts).routes(), *contract_routes(SERVER)]

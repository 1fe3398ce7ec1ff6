"""How protected services read the token: Spring's way and Vert.x's way (contract mosip §1.6)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from mock_nid.auth.iam import Caller, Iam, TokenInvalid
from mock_nid.errors import Forbidden, Unauthenticated
from wire.mosip import auth


@dataclass(frozen=True)
class Guards:
    """Lets callers pass, or raises the refusal of the service's framework."""

    iam: Iam
    audiences: dict[str, frozenset[str]]

    def spring(
        self, request: web.Request, roles: frozenset[str] | None, audience: str | None = None
    ) -> Caller:
        """A Spring service: the cookie whose name contains `Authorization`; a header is ignored.

        `roles` None: any caller with a good token.
        """
        token = auth.spring_token(request.headers.get("Cookie"))
        if token is None:
            raise Unauthenticated(doubled=True)
        try:
            caller = self.iam.read(token)
        except TokenInvalid:
            raise Unauthenticated from None
        if not self._admitted(caller, audience):
            raise Unauthenticated
        if roles is not None and not caller.has_any(roles):
            raise Forbidden
        return caller

    def vertx(
        self,
        request: web.Request,
        roles: frozenset[str],
        audience: str,
        *,
        id: str | None,
        version: str | None,
    ) -> Caller:
        """A Vert.x service: what follows `Authorization=` up to the first `;`, so it must be first."""
        token = auth.vertx_token(request.headers.get("Cookie"))
        if token is None:
            raise Unauthenticated(id=id, version=version)
        try:
            caller = self.iam.read(token)
        except TokenInvalid:
            raise Unauthenticated(id=id, version=version) from None
        if not self._admitted(caller, audience) or not caller.has_any(roles):
            raise Forbidden(id=id, version=version)
        return caller

    def _admitted(self, caller: Caller, audience: str | None) -> bool:
        return audience is None or caller.everything or caller.client_id in self.audiences[audience]

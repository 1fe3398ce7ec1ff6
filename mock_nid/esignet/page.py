"""The pages that eSignet shows to people: the sign-in, and what went wrong (contract mosip §9.2)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from mock_nid.auth.clients import RelyingParty
from mock_nid.esignet.errors import PageRefused
from mock_nid.esignet.sessions import AuthorizeRequest

if TYPE_CHECKING:
    from jinja2 import Template

_TEXTS = {
    "invalid_client_id": "This service is not registered.",
    "invalid_redirect_uri": "This service asked to send you somewhere that is not registered.",
    "parsing_error_msg": "The claims of the request are not JSON.",
    "auth_failed": "Sign-in failed.",
    "invalid_transaction": "This page is too old. Go back to the service and try again.",
}


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader  # imported late: few rehearsals show the page

    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return pages.get_template("page.html.j2")


def sign_in(
    id: str, asked: AuthorizeRequest, party: RelyingParty, error: str = "", number: str = ""
) -> web.Response:
    text = _template().render(
        title="Sign in",
        transaction=id,
        client=party.name,
        claims=list(asked.userinfo.items()),
        error=error,
        message=_TEXTS.get(error, _TEXTS["auth_failed"]),
        individual_id=number,
        action="authorize",
    )
    return web.Response(text=text, content_type="text/html")


def refused(error: str) -> PageRefused:
    message = _TEXTS.get(error, "The request of the service is not valid.")
    html = _template().render(title="Sign-in is not possible", error=error, message=message)
    return PageRefused(error, message, html)

"""eSignet's refusals, by generation. Pure (contract mosip §9.3, §9.4; `ExceptionHandlerAdvice.java`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mock_nid.errors import NidError, dumped

_OLD: Mapping[str, tuple[int, str]] = {
    "transaction": (400, "invalid_transaction"),
    "redirect": (400, "invalid_redirect_uri"),
    "client": (400, "invalid_client_id"),
    "assertion": (400, "invalid_assertion"),
    "pkce-missing": (500, "invalid_pkce_code_verifier"),
    "pkce-failed": (500, "pkce_failed"),
}
_NEW: Mapping[str, tuple[str, str]] = {
    "transaction": ("invalid_grant", "invalid_transaction"),
    "redirect": ("invalid_request", "invalid_redirect_uri"),
    "client": ("invalid_request", "invalid_client_id"),
    "assertion": ("invalid_client", "invalid_assertion"),
    "pkce-missing": ("invalid_grant", "invalid_pkce_code_verifier"),
    "pkce-failed": ("invalid_grant", "pkce_failed"),
}


class OAuthRefused(NidError):
    """The token endpoint says no. `what`: a key of the tables, `input` or `kyc` with a `code`."""

    def __init__(self, what: str, code: str = "") -> None:
        super().__init__(f"{what} {code}".strip())
        self.what, self.code = what, code

    def rendered(self, generation: str) -> OAuthError:
        """The answer of a generation: up to 1.6 the older table, from 1.7 OAuth's own words."""
        if generation != "1.7":
            if self.what == "input":
                return OAuthError(400, "invalid_input", self.code)
            if self.what == "kyc":
                return OAuthError(500, self.code, self.code)
            status, error = _OLD[self.what]
            return OAuthError(status, error, error)
        if self.what in ("input", "kyc"):
            return OAuthError(400, "invalid_request", self.code)
        error, description = _NEW[self.what]
        return OAuthError(400, error, description, no_store=True)


class OAuthError(NidError):
    """`{"error", "error_description"}`."""

    def __init__(self, status: int, error: str, description: str, *, no_store: bool = False) -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description
        self.headers = {"Cache-Control": "no-store", "Pragma": "no-cache"} if no_store else {}

    def body(self, now: datetime) -> bytes:
        return dumped({"error": self.error, "error_description": self.description})


class UserinfoRefused(NidError):
    """401 with an empty body; the reason stands in WWW-Authenticate alone."""

    status = 401

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.headers = {"WWW-Authenticate": f'error="{error}"'}

    def body(self, now: datetime) -> bytes:
        return b""


class PageRefused(NidError):
    """The authorize page shows an error; the browser is not sent back (§9.2)."""

    content_type = "text/html"

    def __init__(self, error: str, text: str, html: str) -> None:
        super().__init__(error)
        self.status, self.error, self.text, self.html = 400, error, text, html

    def body(self, now: datetime) -> bytes:
        return self.html.encode()

"""The token endpoint of OpenCRVS: what is posted and given (contract opencrvs §2.2, §2.4, §11). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from wire.opencrvs.profiles import Profile

CLIENT_CREDENTIALS: Final = "client_credentials"
EXCHANGE: Final = "urn:opencrvs:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
RECORD_TOKEN: Final = "urn:opencrvs:oauth:token-type:single_record_token"


def credentials(client_id: str, secret: str) -> dict[str, str]:
    """A system client logs in."""
    return {"grant_type": CLIENT_CREDENTIALS, "client_id": client_id, "client_secret": secret}


def exchange(token: str, event_id: str, action_id: str) -> dict[str, str]:
    """A system client's token for one of a record's action (not in 2.1)."""
    return {
        "grant_type": EXCHANGE,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "requested_token_type": RECORD_TOKEN,
        "event_id": event_id,
        "action_id": action_id,
    }


def posted(auth_url: str, form: Mapping[str, str], profile: str) -> tuple[str, dict[str, str], bytes | None]:
    """Address, headers and body of the POST: 1.9 reads the query alone, 2.1 refuses credentials there."""
    url, text = f"{auth_url}/token", urlencode(form)
    if profile == Profile.V1_9:
        return f"{url}?{text}", {}, None
    return url, {"Content-Type": "application/x-www-form-urlencoded"}, text.encode()


def given(content: Any) -> str | None:
    """The token in the JSON of an answer."""
    token = content.get("access_token") if isinstance(content, Mapping) else None
    return token if isinstance(token, str) else None

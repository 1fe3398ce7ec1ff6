"""Pre-registration applications: an older child comes to a registration centre (contract mosip §7.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bridge.mosip.answers import content_of, response_of
from bridge.mosip.login import Login
from bridge.nid import NidDown
from bridge.settings import Settings
from wire.http.client import HttpClient
from wire.world import World

_CREATE = "mosip.pre-registration.demographic.create"


class PreRegistration:
    """The client of an applicant: a log-in of its own."""

    def __init__(self, settings: Settings, world: World, peer: HttpClient) -> None:
        self._settings, self._world = settings, world
        self._url = settings.preregistration_url
        secret = settings.preregistration_client_secret.get_secret_value()
        client = settings.preregistration_client_id
        self._login = Login(peer, world, settings.mosip_auth_url, settings.mosip_app_id, client, secret)

    async def apply(self, fields: Mapping[str, str]) -> str:
        """Make an application; its number. NidDown, NidRefused."""
        identity = {name: _value(name, text) for name, text in fields.items()}
        request = {
            "langCode": self._settings.language,
            "demographicDetails": {"identity": identity},
            "requiredFields": sorted(identity),
        }
        body = {
            "id": _CREATE,
            "version": "1.0",
            "requesttime": self._world.timestamp(),
            "request": request,
        }
        answer = await self._login.call("POST", self._url, body=body)
        response = response_of(content_of(answer, "pre-registration"), "pre-registration", dict)
        number = response.get("preRegistrationId")
        if not isinstance(number, str) or not number:
            raise NidDown("pre-registration: HTTP 200 without the number of an application")
        return number


def _value(name: str, text: str) -> Any:
    """A packet's text as this service has it: arrays as arrays, the version as a number."""
    if name == "IDSchemaVersion":
        return float(text)
    return json.loads(text) if text.startswith("[{") else text

"""Pre-registration applications: an older child comes to a registration centre (contract mosip §7.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bridge.calls.peer import Peer
from bridge.mosip.answers import content_of, response_of
from bridge.mosip.identities import identity_of
from bridge.mosip.login import Login
from bridge.nid import NidDown
from bridge.registration import RecordFile
from bridge.settings import Settings
from wire.mosip import envelope
from wire.world import World

_UPLOAD = "mosip.pre-registration.document.upload"
_CREATE = "mosip.pre-registration.demographic.create"


class PreRegistration:
    """The client of an applicant: a log-in of its own."""

    def __init__(self, settings: Settings, world: World, peer: Peer) -> None:
        self._settings, self._world = settings, world
        self._url = settings.preregistration_url
        secret = settings.preregistration_client_secret.get_secret_value()
        client = settings.preregistration_client_id
        self._login = Login(peer, world, settings.mosip_auth_url, settings.mosip_app_id, client, secret)

    async def apply(self, fields: Mapping[str, str]) -> str:
        """Make an application; its number. NidDown, NidRefused."""
        identity = identity_of(fields)
        details = {"demographicDetails": {"identity": identity}, "requiredFields": sorted(identity)}
        answer = await self._login.call("POST", self._url, content=self._asked(_CREATE, details))
        response = response_of(content_of(answer, "pre-registration"), "pre-registration", dict)
        number = response.get("preRegistrationId")
        if not isinstance(number, str) or not number:
            raise NidDown("pre-registration: HTTP 200 without the number of an application")
        return number

    async def attach(self, application: str, file: RecordFile, content: bytes) -> None:
        """Upload a document; a later one of the category replaces it. NidDown, NidRefused."""
        asked = self._asked(_UPLOAD, {"docCatCode": file.category, "docTypCode": file.kind})
        boundary = self._world.chance.uuid()
        answer = await self._login.call(
            "POST",
            f"{self._settings.preregistration_documents_url}/{application}",
            body=_parts(boundary, json.dumps(asked).encode(), file.name, content),
            content_type=f"multipart/form-data; boundary={boundary}",
        )
        response_of(content_of(answer, "pre-registration"), "pre-registration", dict)

    def _asked(self, id: str, request: dict[str, Any]) -> dict[str, Any]:
        told = {"langCode": self._settings.language, **request}
        return envelope.request_envelope(told, now=self._world.clock.now(), id=id, version="1.0")


def _parts(boundary: str, request: bytes, name: str, content: bytes) -> bytes:
    """The two parts that the service reads: the request as text, and the file under its name."""
    named = quote(name, safe=" ._-()")
    return b"\r\n".join(
        (
            f"--{boundary}".encode(),
            b'Content-Disposition: form-data; name="Document request"',
            b"",
            request,
            f"--{boundary}".encode(),
            f'Content-Disposition: form-data; name="file"; filename="{named}"'.encode(),
            b"Content-Type: application/octet-stream",
            b"",
            content,
            f"--{boundary}--".encode(),
            b"",
        )
    )

"""The words in which a reader is told of an exchange. Pure."""

from __future__ import annotations

from scenarios.events import Exchanged
from scenarios.story import Actor

_WORDS = {
    "event.create": "creates a record",
    "event.get": "opens the record",
    "event.config.get": "reads the forms",
    "event.search": "asks for records",
    "event.actions.assignment.assign": "takes the record",
    "event.actions.assignment.unassign": "gives the record back",
    "event.actions.declare.request": "declares",
    "event.actions.validate.request": "validates",
    "event.actions.register.request": "clicks Register",
    "event.actions.register.accept": "accepts the registration",
    "event.actions.register.reject": "rejects the registration",
    "event.actions.reject.request": "rejects the declaration",
    "event.actions.correction.request.request": "asks for a correction",
    "event.actions.correction.approve.request": "approves the correction",
    "event.actions.correction.approve.accept": "accepts the correction",
    "event.actions.correction.approve.reject": "rejects the correction",
    "event.actions.custom.request": "asks for a custom action",
    "event.actions.custom.accept": "accepts the custom action",
    "event.actions.edit.request": "changes the declaration",
    "packet.create": "creates a packet",
    "createPacket": "creates a packet",
    "packet.process": "starts the processing",
    "workflowinstance": "starts the processing",
    "status.search": "asks how the packet stands",
    "hub.intent": "checks the intent to subscribe",
    "hub.subscribe": "subscribes",
    "hub.unsubscribe": "unsubscribes",
    "hub.publish": "publishes",
    "hub.deliver": "delivers",
    "hub.denied": "denies the subscription",
    "hub.register": "registers a topic",
    "auth.token": "asks for a token",
    "auth.validate": "asks about a token",
    "auth.authenticate": "logs in",
    "auth.verifyCode": "gives the code",
    "auth.well-known": "fetches the public key",
    "well-known.public-key": "fetches the issuer's key",
    "public-key": "fetches the issuer's key",
    "user.get": "reads the own profile",
    "workqueue.config.list": "reads the queues",
    "status.external": "asks how the packet stands",
    "identity.read": "reads the identity",
    "vid.list": "reads the VIDs",
    "vid": "asks for a VID",
    "vid.read": "reads the VID",
    "data-share": "fetches the credential",
    "transactions": "asks why",
    "status.history": "asks why",
    "ida": "asks whether it is this person",
    "ida.auth": "asks whether it is this person",
    "clientidsecretkey": "asks for a token",
    "identity": "asks the ID repository",
    "identity.create": "creates the identity",
    "uin.generate": "asks for a UIN",
    "esignet": "asks eSignet",
    "application": "applies at pre-registration",
    "application.create": "applies at pre-registration",
    "application.document": "sends a document",
    "upload": "uploads a file",
    "presigned-url": "asks for a file's address",
    "file": "fetches a file",
}
"""Operation of a journal → what a reader should see. An operation without words is shown as it is."""

_ALREADY = "already"
"""In the reason of a denial that is none: the hub refuses to subscribe twice whoever is subscribed."""

_OUT_INTENT = frozenset({"hub.subscribe", "hub.unsubscribe"})


def words(event: Exchanged) -> str:
    """What the sender does: `clicks Register`, `delivers: credential issued`."""
    operation = event.operation
    if operation.startswith("trigger."):
        return f"asks about {operation.removeprefix('trigger.')}"
    if event.sender is Actor.NID and operation in _OUT_INTENT:
        return "checks the intent to " + operation.removeprefix("hub.")
    if operation == "hub.denied" and _ALREADY in event.target:
        return "says that it is subscribed already"
    if operation == "hub.deliver":
        return f"delivers: {meaning(event.request)}"
    return _WORDS.get(operation, operation)


def meaning(body: str) -> str:
    """What a delivery says, read from its (masked) body."""
    for sign, words in (
        ("/CREDENTIAL_ISSUED", "credential issued"),
        ('"CREDENTIAL_ISSUED"', "credential issued"),
        ('"resultCode": "PROCESSED"', "processed"),
        ('"resultCode": "REJECTED"', "rejected"),
        ('"resultCode": "FAILED"', "failed"),
        ("PAUSED_FOR_ADDITIONAL_INFO", "paused"),
    ):
        if sign in body or sign.replace(": ", ":") in body:
            return words
    return "message"

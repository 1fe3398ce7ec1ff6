"""An older child is applied for at the ID system, with the documents of the record; then it is registered."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bridge.advice import Stuck
from bridge.calls.failure import Failed, Failure, FailureKind
from bridge.flow.attempts import Later
from bridge.flow.transitions import Transitions
from bridge.nid import IdSystem, NidRefused
from bridge.opencrvs.client import OpenCRVS
from bridge.registration import PacketContent, RecordFile, Registration
from bridge.store.store import Store


class Apply:
    """`step` is the application's number as soon as there is one; its files may be sent again."""

    def __init__(self, store: Store, nid: IdSystem, opencrvs: OpenCRVS, transitions: Transitions) -> None:
        self._store, self._nid, self._opencrvs, self._transitions = store, nid, opencrvs, transitions
        self._log = structlog.get_logger("bridge")

    async def apply(self, registration: Registration, packet: PacketContent) -> None:
        """Fetch the files, apply, send them, go on."""
        fetched = await self._fetched(registration, packet)
        if isinstance(fetched, str):
            return await self._transitions.give_up(registration, Stuck.DOCUMENT_NOT_SENT, fetched)
        if registration.step is None:
            try:
                number = await self._nid.apply(packet)
            except NidRefused as refused:
                return await self._transitions.give_up(registration, Stuck.NID_REFUSED_PACKET, str(refused))
            # between these two lines a crash makes a second application: nobody is registered by either
            await self._store.touch(registration, "application made", release=False, step=number)
            registration = replace(registration, step=number)
        for file, content in fetched:
            try:
                await self._nid.attach(registration.step or "", file, content)
            except NidRefused as refused:
                words = f"{file.field}: the ID system does not take it: {refused}"
                if file.needed:
                    return await self._transitions.give_up(registration, Stuck.DOCUMENT_NOT_SENT, words)
                await self._without(registration, words)
        return await self._transitions.applied(registration)

    async def _fetched(
        self, registration: Registration, packet: PacketContent
    ) -> list[tuple[RecordFile, bytes]] | str:
        """The files with their content; or why one that is needed cannot be had. Later while nobody knows."""
        found = []
        token = (
            (await self._store.lookups.secrets(registration.id, {"token"})).token if packet.files else None
        )
        for file in packet.files:
            words = f"{file.field}: the record has no such document"
            content = None
            if file.path:
                words = f"{file.field}: OpenCRVS has lost the file"
                try:
                    content = await self._opencrvs.file(registration, token, file.path)
                except Failed as failed:  # and no word about the ID system, whose task this is
                    told = replace(failed.failure, words=f"{file.field}: {failed.failure.words}")
                    raise Later(_named(told)) from failed
            if content is not None:
                found.append((file, content))
            elif file.needed:
                return words
            else:
                await self._without(registration, words)
        return found

    async def _without(self, registration: Registration, words: str) -> None:
        self._log.warning("applied for without a document", registration=registration.id, why=words)
        await self._store.touch(registration, f"without a document: {words}"[:200], release=False)


def _named(failure: Failure) -> Failure:
    """Patience ends in the reason that says whose job it is; a credential's fault keeps its own."""
    return failure if failure.kind is FailureKind.CHANNEL else replace(failure, code=Stuck.DOCUMENT_NOT_SENT)

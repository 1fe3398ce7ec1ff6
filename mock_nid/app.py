"""Start and stop the mock National ID system."""

from __future__ import annotations

from dataclasses import dataclass

from mock_nid.hub.subscriptions import Directory
from mock_nid.identities.people import Identities
from mock_nid.packets.plan_book import PlanBook
from mock_nid.packets.registry import Registry
from mock_nid.processing.processor import Processor
from mock_nid.routes import esignet_application, mosip_application
from mock_nid.services import Services, build
from mock_nid.settings import Settings
from testbed.faults import Faults
from testbed.journal import Journal
from wire.http.listening import Listening, listen
from wire.world import World


@dataclass
class Running:
    """A server that listens: `url` is that of the MOSIP services, `esignet_url` that of eSignet."""

    url: str
    esignet_url: str
    parts: Services
    _listening: tuple[Listening, ...]

    @property
    def journal(self) -> Journal:
        return self.parts.journal

    @property
    def faults(self) -> Faults:
        return self.parts.faults

    @property
    def plans(self) -> PlanBook:
        return self.parts.plans

    @property
    def registrations(self) -> Registry:
        return self.parts.registry

    @property
    def people(self) -> Identities:
        return self.parts.people

    @property
    def subscriptions(self) -> Directory:
        return self.parts.directory

    @property
    def processor(self) -> Processor:
        return self.parts.processor

    async def reset(self) -> None:
        """What POST /admin/reset does, for a script in the same process."""
        self.faults.clear()
        self.journal.clear()
        await self.parts.reset()

    async def close(self) -> None:
        await self.parts.processor.close()
        await self.parts.queues.close()
        for one in self._listening:
            await one.close()
        await self.parts.state.close()


async def start(settings: Settings, world: World) -> Running:
    """Bind both ports and serve; PortTaken names the port that another program holds, and the setting."""
    parts = build(settings, world)
    mosip = await listen(mosip_application(parts), settings.host, settings.port, "MOCK_NID_PORT")
    try:
        esignet = await listen(
            esignet_application(parts), settings.host, settings.esignet_port, "MOCK_NID_ESIGNET_PORT"
        )
    except BaseException:
        await mosip.close()
        raise
    public = settings.public_url or mosip.url
    parts.issuer.base = settings.issuer_url or public
    parts.shares.base = public
    parts.esignet.issuer = settings.esignet_public_url or esignet.url
    await parts.queues.start(f"{public}/hub")
    parts.processor.resume()
    return Running(mosip.url, esignet.url, parts, (mosip, esignet))

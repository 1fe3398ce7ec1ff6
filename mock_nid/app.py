"""Start and stop the mock National ID system."""

from __future__ import annotations

from mock_nid.routes import esignet_application, mosip_application
from mock_nid.services import Services
from mock_nid.settings import Settings
from wire.http.listening import Listening, listen
from wire.world import World


class Running(Services):
    """A server that listens: `url` is that of the MOSIP services, `esignet_url` that of eSignet."""

    url: str
    esignet_url: str
    _listening: tuple[Listening, ...]

    @property
    def parts(self) -> Services:
        """Itself: what a foreign ID system, in a rehearsal in its place, does not show."""
        return self

    async def listen(self) -> None:
        """Bind both ports and serve; PortTaken names the port that another program holds, and the setting."""
        settings = self.settings
        mosip = await listen(mosip_application(self), settings.host, settings.port, "MOCK_NID_PORT")
        try:
            esignet = await listen(
                esignet_application(self), settings.host, settings.esignet_port, "MOCK_NID_ESIGNET_PORT"
            )
        except BaseException:
            await mosip.close()
            raise
        self.url, self.esignet_url, self._listening = mosip.url, esignet.url, (mosip, esignet)
        public = settings.public_url or mosip.url
        self.issuer.base = settings.issuer_url or public
        self.shares.base = public
        self.esignet.issuer = settings.esignet_public_url or esignet.url
        await self.queues.start(f"{public}/hub")
        self.processor.resume()

    async def reset(self) -> None:
        """What POST /admin/reset does, for a script in the same process."""
        self.faults.clear()
        self.journal.clear()
        await self.forget()

    async def close(self) -> None:
        await self.processor.close()
        await self.queues.close()
        for one in self._listening:
            await one.close()
        await self.state.close()


async def start(settings: Settings, world: World) -> Running:
    running = Running(settings, world)
    await running.listen()
    return running

"""Puts the console together; the routes are its table of contents."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from scenarios.console.access import ConsoleAccess
from scenarios.console.director import Director
from scenarios.console.follower import Follower
from scenarios.console.guard import guard, put_headers
from scenarios.console.handlers import Acting, Pages, Telling, Watching
from scenarios.console.reading import Reader
from scenarios.console.ready_stories import ReadyStories
from scenarios.console.screen import Screen
from scenarios.console.session import FrameLog
from scenarios.console.settings import Settings
from scenarios.console.surroundings import Surroundings
from scenarios.console.systems import Systems
from scenarios.stage.calling import caller
from wire.http.client import HttpClient
from wire.http.listening import Listening, listen
from wire.world import World

_LARGEST_RUN = 256 * 1024 * 1024
"""Bytes of a run that may be replayed: all stories with `--full` write some fifty megabytes."""


KEPT = 2000
"""Steps of the session for replay."""


@dataclass
class RunningConsole:
    """A console that listens."""

    url: str
    session: FrameLog
    _follower: Follower
    _listening: Listening
    _http: HttpClient

    async def close(self) -> None:
        self.session.close()
        await self._follower.close()
        await self._listening.close()
        await self._http.close()


async def start(settings: Settings, systems: Systems, world: World) -> RunningConsole:
    """Follow the systems and serve the page; PortTaken names the port, and CONSOLE_PORT to change it."""
    http = caller(world)
    session = FrameLog(KEPT)
    reader = Reader(systems, http, world)
    screen = Screen(systems, reader, world)
    follower = Follower(systems, reader, session, world, screen.queues, settings.poll_seconds)
    access = ConsoleAccess(systems, reader, session, follower, world)
    director, surroundings = Director(access, screen), Surroundings(access)
    stories = ReadyStories(access, director, surroundings)
    try:
        app = application(session, director, surroundings, stories, settings.allowed_hosts)
        listening = await listen(app, settings.host, settings.port, "CONSOLE_PORT")
    except BaseException:
        await http.close()
        raise
    follower.start()
    return RunningConsole(listening.url, session, follower, listening, http)


def application(
    session: FrameLog,
    director: Director,
    surroundings: Surroundings,
    stories: ReadyStories,
    allowed_hosts: tuple[str, ...],
) -> web.Application:
    """All routes of the page."""
    app = web.Application(middlewares=[guard(allowed_hosts)], client_max_size=_LARGEST_RUN)
    app.on_response_prepare.append(put_headers)
    pages, watching, acting, telling = (
        Pages(),
        Watching(session),
        Acting(director, surroundings),
        Telling(stories),
    )
    app.add_routes(
        [
            web.get("/", pages.index),
            web.get("/static/{name}", pages.static),
            web.get("/texts", pages.languages),
            web.get("/texts/{name}", pages.texts),
            web.get("/events", watching.events),
            web.get("/session.ndjson", watching.saved),
            web.post("/replay", watching.replay),
            web.post("/acts/declare", acting.declare),
            web.post("/acts/register", acting.register),
            web.post("/acts/decide", acting.decide),
            web.post("/acts/deliver-again", acting.deliver_again),
            web.post("/acts/answers", acting.answers),
            web.post("/acts/operate", acting.operate),
            web.post("/acts/line", acting.line),
            web.post("/acts/clock", acting.clock),
            web.post("/acts/restart-bridge", acting.restart),
            web.post("/acts/release", acting.release),
            web.post("/acts/find", acting.find),
            web.post("/acts/afresh", acting.afresh),
            web.post("/story/begin", telling.begin),
            web.post("/story/next", telling.next),
            web.post("/story/end", telling.end),
        ]
    )
    return app

"""Puts the console together; the routes are its table of contents."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from scenarios.console.access import ConsoleAccess
from scenarios.console.director import Director
from scenarios.console.follower import Follower
from scenarios.console.guard import guard, put_headers
from scenarios.console.handlers import (
    Answering,
    Beginning,
    Cutting,
    Deciding,
    DecidingChange,
    Declaring,
    Moving,
    Nothing,
    OfRecord,
    Operating,
    Pages,
    SearchInput,
    Watching,
    act,
)
from scenarios.console.reading import Reader
from scenarios.console.ready_stories import ReadyStories
from scenarios.console.screen import Screen
from scenarios.console.session import FrameLog
from scenarios.console.settings import Settings
from scenarios.console.surroundings import Surroundings
from scenarios.stage.calling import caller
from scenarios.stage.servers import Servers
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


async def start(
    settings: Settings, servers: Servers, operations_token: str | None, world: World
) -> RunningConsole:
    """Follow the servers of this process and serve the page; PortTaken names the port, and CONSOLE_PORT to
    change it. The clock of `world` is everybody's.
    """
    http = caller(world)
    session = FrameLog(KEPT)
    reader = Reader(servers, http, world, operations_token)
    screen = Screen(reader)
    follower = Follower(reader, session, screen.queues, settings.poll_seconds)
    access = ConsoleAccess(reader, session, follower)
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
    pages, watching = Pages(), Watching(session)
    app.add_routes(
        [
            web.get("/", pages.index),
            web.get("/static/{name}", pages.static),
            web.get("/texts", pages.languages),
            web.get("/texts/{name}", pages.texts),
            web.get("/events", watching.events),
            web.get("/session.ndjson", watching.saved),
            web.post("/replay", watching.replay),
            web.post("/acts/declare", act(Declaring, lambda it: director.declare(it.event), "record")),
            web.post("/acts/register", act(OfRecord, lambda it: director.register(it.record))),
            web.post(
                "/acts/decide", act(Deciding, lambda it: director.decide(it.record, it.outcome, it.reason))
            ),
            web.post("/acts/deliver-again", act(OfRecord, lambda it: director.deliver_again(it.record))),
            web.post("/acts/ask-change", act(OfRecord, lambda it: director.ask_change(it.record))),
            web.post(
                "/acts/decide-change",
                act(DecidingChange, lambda it: director.decide_change(it.case, approve=it.approve)),
            ),
            web.post("/acts/answers", act(Answering, lambda it: director.answers(it.mode))),
            web.post(
                "/acts/operate", act(Operating, lambda it: director.operate(it.record, it.what, it.reason))
            ),
            web.post("/acts/line", act(Cutting, lambda it: surroundings.line(it.line, cut=it.cut))),
            web.post("/acts/clock", act(Moving, lambda it: surroundings.advance(it.seconds))),
            web.post("/acts/restart-bridge", act(Nothing, lambda _: surroundings.restart_bridge())),
            web.post("/acts/release", act(OfRecord, lambda it: director.release(it.record))),
            web.post("/acts/find", act(SearchInput, lambda it: surroundings.find(it.text), "records")),
            web.post("/acts/afresh", act(Nothing, lambda _: surroundings.afresh())),
            web.post("/story/begin", act(Beginning, lambda it: stories.begin(it.story))),
            web.post("/story/next", act(Nothing, lambda _: stories.next())),
            web.post("/story/end", act(Nothing, lambda _: stories.end())),
        ]
    )
    return app

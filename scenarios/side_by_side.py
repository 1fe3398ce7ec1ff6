"""Plays stories side by side, each in one of several processes; what is told keeps the order of the stories.

A process plays a story whole and hands back what it would have told. The verdicts are those of one process.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from scenarios.engine import Engine
from scenarios.events import Event, Listener, RunEnded, ScenarioEnded, ScenarioStarted, StoryOutcome
from scenarios.story import Story
from wire import loop
from wire.entry import not_interrupted

EngineMaker = Callable[[Sequence[Listener]], Engine]
Playing = Callable[[Sequence[str], int, int], None]
"""Is told the names that are being played now, how many are done, and of how many."""

# a forked process has everything imported; elsewhere than on Linux the system's libraries may not bear it
_CONTEXT: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _works(connection: Connection, theirs: Connection, make: EngineMaker, stories: tuple[Story, ...]) -> None:
    """A player's process: numbers of stories in, their events out; it ends with whoever plays the run."""
    theirs.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who plays the run
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(EOFError, ConnectionError):  # who plays the run has ended
        while (number := connection.recv()) is not None:
            events: list[Event] = []
            loop.run(make([events.append]).play(stories[number], number + 1, len(stories)), plain=True)
            connection.send(events)


class _Player:
    """A process, and the number of the story that it plays."""

    def __init__(self, make: EngineMaker, stories: tuple[Story, ...]) -> None:
        self.connection, players = _CONTEXT.Pipe()
        words = (players, self.connection, make, stories)
        self._process = _CONTEXT.Process(target=_works, args=words, daemon=True)
        self._process.start()
        players.close()
        self.number = -1

    def plays(self, number: int) -> None:
        self.number = number
        self.connection.send(number)

    def events(self) -> list[Event]:
        """What it tells of its story. EOFError when the process has ended instead."""
        found: list[Event] = self.connection.recv()
        return found

    def status(self) -> str:
        self._process.join(5)
        return str(self._process.exitcode)

    def leaves(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


class _Run:
    """One run: who plays what, and how far it has been told."""

    def __init__(
        self, engine: Engine, make: EngineMaker, stories: tuple[Story, ...], playing: Playing
    ) -> None:
        self._engine, self._make, self._stories, self._playing = engine, make, stories, playing
        self._players: list[_Player] = []
        self._held: dict[int, list[Event]] = {}
        """Finished stories that wait for an earlier one to be told first."""
        self._next = 0
        self.endings: list[ScenarioEnded] = []
        self.over = False

    def play(self, jobs: int) -> None:
        for _ in range(min(jobs, len(self._stories))):
            self._begin(_Player(self._make, self._stories))
        while self._players and not self.over:
            ready = wait([player.connection for player in self._players])
            for player in [one for one in self._players if one.connection in ready]:
                self._take(player)

    def tell_the_rest(self) -> None:
        """What was played is told, also past a gap."""
        for number in sorted(self._held):
            self._tell(self._held.pop(number))

    def dismiss(self) -> None:
        for player in self._players:
            player.leaves()
        self._players.clear()

    def _begin(self, player: _Player) -> None:
        if self._next >= len(self._stories):
            player.leaves()
            return
        self._players.append(player)
        player.plays(self._next)
        self._next += 1
        self._show()

    def _take(self, player: _Player) -> None:
        self._players.remove(player)
        number = player.number
        try:
            self._held[number] = player.events()
        except EOFError:
            self._held[number] = self._lost(player)
            player = _Player(self._make, self._stories)
        while not self.over and (due := len(self.endings)) in self._held:
            self._tell(self._held.pop(due))
        if self.over:
            player.leaves()
        else:
            self._begin(player)

    def _lost(self, player: _Player) -> list[Event]:
        """A process that ends takes its story with it, and no other."""
        story, total = self._stories[player.number], len(self._stories)
        why = f"the process that played it ended with status {player.status()}"
        at = self._engine.now()
        player.leaves()
        ending = ScenarioEnded(at, story, StoryOutcome.ERROR, 0.0, (), (why,), at)
        return [ScenarioStarted(at, story, player.number + 1, total), ending]

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self._engine.tell(event)
            if isinstance(event, ScenarioEnded):
                self.endings.append(event)
                self.over = event.failed and not self._engine.options.keep_going
        self._show()

    def _show(self) -> None:
        names = [self._stories[player.number].name for player in self._players]
        done = len(self.endings) + len(self._held)
        self._playing(names, done, len(self._stories))


def run(
    make: EngineMaker, listeners: Sequence[Listener], stories: Sequence[Story], jobs: int, playing: Playing
) -> RunEnded:
    """Play them with so many processes. Ctrl-C ends the run, and what was played until then is told."""
    engine, chosen = make(listeners), tuple(stories)
    began = time.perf_counter()
    engine.begins(chosen)
    going = _Run(engine, make, chosen, playing)
    interrupted = False
    try:
        going.play(jobs)
    except KeyboardInterrupt:
        interrupted = True
    except BaseException:
        going.dismiss()
        raise
    with not_interrupted():
        going.dismiss()
        if interrupted:
            going.tell_the_rest()
        return engine.ends(going.endings, time.perf_counter() - began, interrupted=interrupted)

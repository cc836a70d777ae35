"""One load for each key at a time, however many ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Flight:
    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.valid = True
        """False once the value was invalidated while it was being fetched: then it may be old, and is not kept."""


class Flights:
    def __init__(self) -> None:
        self._flying: dict[str, tuple[Flight, asyncio.Task[Any]]] = {}
        self._all: set[Flight] = set()
        """Also those that nobody new may join, and that still run."""

    def __contains__(self, plain: str) -> bool:
        return plain in self._flying

    def join(self, plain: str, start: Callable[[Flight], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
        """Joins the flight for this name, or starts one. To be awaited shielded: others wait for it too."""
        if plain in self._flying:
            return self._flying[plain][1]
        flight = Flight(plain)
        task = asyncio.ensure_future(start(flight))
        self._flying[plain] = (flight, task)
        self._all.add(flight)
        task.add_done_callback(lambda done: self._land(flight, done))
        return task

    def _land(self, flight: Flight, done: asyncio.Task[Any]) -> None:
        self._all.discard(flight)
        if flight.plain in self._flying and self._flying[flight.plain][0] is flight:
            del self._flying[flight.plain]
        # Looked at here, as perhaps nobody waits any more who would.
        if not done.cancelled():
            done.exception()

    def invalidate(self, matches: Callable[[str], bool]) -> None:
        """Who asks from now on gets a load of their own, begun after what made the values old."""
        for flight in self._all:
            if matches(flight.plain):
                flight.valid = False
                self._flying.pop(flight.plain, None)

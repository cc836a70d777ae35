"""One load for each key at a time in a process, however many threads and tasks ask for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")

_GLANCE_SECONDS = 1.0


class Abandoned(Exception):
    """The one who loaded was stopped. Who waited for it loads again."""


class Flight(Generic[Result]):
    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.valid = True
        """False once the value was invalidated while it was fetched: then it may be old, and is not kept."""
        self.started = time.monotonic()
        self.result: Future[Result] = Future()
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where it is carried out, if not in a thread."""

    def wait(self, seconds: float | None = None) -> Result:
        """:raises: what it raised, Abandoned, or TimeoutError"""
        return self.result.result(seconds)

    async def wait_in_loop(self, seconds: float | None = None) -> Result:
        """:raises: what it raised, Abandoned, or TimeoutError"""
        wrapped = asyncio.wrap_future(self.result)
        # One that nobody waits for any longer keeps its exception to itself.
        wrapped.add_done_callback(lambda done: done.cancelled() or done.exception())
        if seconds is not None:
            return await asyncio.wait_for(asyncio.shield(wrapped), seconds)
        while not wrapped.done():
            await asyncio.wait({wrapped}, timeout=_GLANCE_SECONDS)
            if self.loop is not None and not self.loop.is_running():
                # Its event loop was stopped: nobody carries it out any longer.
                raise Abandoned
        return wrapped.result()


class Flights(Generic[Result]):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flying: dict[str, Flight[Result]] = {}
        self._all: set[Flight[Result]] = set()
        """Also those that nobody new may join, and that still run."""

    def join(self, plain: str) -> tuple[Flight[Result], bool]:
        """:returns: the flight of this name, and whether the caller has to carry it out"""
        with self._lock:
            flight = self._flying.get(plain)
            if flight is not None and (flight.loop is None or flight.loop.is_running()):
                return flight, False
            flight = self._flying[plain] = Flight(plain)
            self._all.add(flight)
            return flight, True

    def land(self, flight: Flight[Result], result: Result) -> None:
        self._leave(flight)
        flight.result.set_result(result)

    def fail(self, flight: Flight[Result], error: BaseException) -> None:
        self._leave(flight)
        flight.result.set_exception(error if isinstance(error, Exception) else Abandoned())

    def invalidate(self, matches: Callable[[str], bool]) -> None:
        """Who asks from now on gets a load of their own, begun after what made the values old."""
        with self._lock:
            for flight in self._all:
                if matches(flight.plain):
                    flight.valid = False
                    if self._flying.get(flight.plain) is flight:
                        del self._flying[flight.plain]

    def _leave(self, flight: Flight[Result]) -> None:
        with self._lock:
            self._all.discard(flight)
            if self._flying.get(flight.plain) is flight:
                del self._flying[flight.plain]

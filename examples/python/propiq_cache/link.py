"""Redis behind time limits and a breaker, for threads and for event loops.

A caller gets an answer within the limit, or `Unavailable`. While Redis is away, slow or refuses, no caller waits for
it: a thread of its own finds out when it is back.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import TypeVar

from .breaker import Breaker
from .connection import Connection
from .distance import Distance
from .line import Line
from .pool import Pool
from .settings import Server
from .steps import Ask, Steps
from .wire import Command, Garbage, Late, Refused, Reply, Unavailable, in_words

Result = TypeVar("Result")

_TICK_SECONDS = 0.05
_GLANCE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.8
"""Between two probes, at most. With the time to connect, Redis is used again within two seconds of its return."""
_DEAD_SECONDS = 2.0
"""A connection on which nothing arrives for so long is dead."""
_FIRST_SECONDS = 0.25
"""The first callers of a process wait so long, at most, for the first connection."""
_FIRST_CALLERS = 8
"""So many of them; the others continue without the cache."""
_FRESH_SECONDS = 1.0
_PINGS = 3
_MIXED = "Redis' answers were out of order"
_HARMLESS = frozenset({"WRONGTYPE", "OOM", "MISCONF", "NOPERM", "CROSSSLOT"})
"""Errors of one key, or of writing only. Readers are served all the same."""


class Link:
    def __init__(
        self,
        server: Server,
        distance: Distance,
        *,
        probe_key: str,
        make_up: Callable[[], Steps[None]],
        owes: Callable[[], bool],
    ) -> None:
        """
        :param probe_key: read to see whether Redis is well; nothing is stored there
        :param make_up: done before any caller is let through again; while it raises, none is
        :param owes: whether that has to be done again, for what came up since
        """
        self._server = server
        self._distance = distance
        self._probe_key = probe_key
        self._make_up = make_up
        self._owes = owes
        self._closed = False
        self._reset()
        reference = weakref.ref(self)
        # A forked worker shares neither connections nor threads with its parent.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: _reset_of(reference))

    def _reset(self) -> None:
        self._breaker = Breaker(self._on_open)
        self._pool = Pool(self._want)
        self._lines: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Line] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._wake, self._tried = threading.Event(), threading.Event()
        self._first_callers = threading.Semaphore(_FIRST_CALLERS)
        self._started = self._last_answer = 0.0
        self.returned_at = 0.0
        """When Redis was back after its last outage, in ms since 1970; 0 before the first outage."""

    @property
    def usable(self) -> bool:
        """Whether commands are sent."""
        return self._breaker.usable

    @property
    def reason(self) -> str | None:
        """Why they are not, without a value of the settings; None while they are."""
        return None if self._breaker.usable else self._breaker.reason

    def start(self) -> None:
        """Begins to connect, if it has not begun."""
        with self._lock:
            if self._keeper is None and not self._closed:
                self._started = time.monotonic()
                self._keeper = threading.Thread(target=self._keep, name="propiq-cache", daemon=True)
                self._keeper.start()

    def is_well(self) -> bool:
        """Whether Redis answers now: known from the last second, or asked within the limit."""
        self.wait_for_first()
        if self.usable and time.monotonic() - self._last_answer > _FRESH_SECONDS:
            try:
                self.ask([("PING",)])
            except Exception:
                return False
        return self.usable

    def ask(self, commands: Sequence[Command], limit_ms: float | None = None) -> list[Reply]:
        """:raises Unavailable: or what Redis says against it"""
        if not self._breaker.usable and not self.wait_for_first():
            raise Unavailable(self._breaker.reason)
        deadline = time.monotonic() + (limit_ms or self._distance.limit_ms) / 1000
        connection: Connection | None = None
        try:
            connection = self._pool.take(deadline)
            replies = connection.ask(commands, deadline)
        except Refused as error:
            if connection is not None:
                self._pool.give(connection)
            self._count(error)
            raise
        except BaseException as error:
            if connection is not None:
                self._pool.drop(connection)
            self._count(error)
            raise
        self._pool.give(connection)
        self._succeed()
        return replies

    async def ask_in_loop(self, commands: Sequence[Command], limit_ms: float | None = None) -> list[Reply]:
        """:raises Unavailable: or what Redis says against it"""
        if not self._breaker.usable and not await self.wait_for_first_in_loop():
            raise Unavailable(self._breaker.reason)
        try:
            replies = await self._line().ask(commands, limit_ms or self._distance.limit_ms)
        except Exception as error:
            self._count(error)
            raise
        self._succeed()
        return replies

    def run(self, steps: Steps[Result]) -> Result:
        return _drive(steps, lambda step: self.ask(step.commands, step.limit_ms))

    async def run_in_loop(self, steps: Steps[Result]) -> Result:
        try:
            step = next(steps)
            while True:
                try:
                    replies = await self.ask_in_loop(step.commands, step.limit_ms)
                except Exception as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(replies)
        except StopIteration as end:
            result: Result = end.value
            return result

    def doubt(self, why: str) -> None:
        """Sends nothing until Redis has been seen to be well, and `make_up` done."""
        self._breaker.open(why)

    def renew(self) -> None:
        """Gives up all connections, whose answers cannot be trusted."""
        self._breaker.open(_MIXED)

    def wait_for_first(self) -> bool:
        """Waits a moment for the first connection of this process, and never again after it.

        :returns: whether commands are sent"""
        self.start()
        left = _FIRST_SECONDS - (time.monotonic() - self._started)
        if not self._tried.is_set() and left > 0 and self._first_callers.acquire(blocking=False):
            self._tried.wait(left)
            self._first_callers.release()
        return self._breaker.usable

    async def wait_for_first_in_loop(self) -> bool:
        self.start()
        left = _FIRST_SECONDS - (time.monotonic() - self._started)
        if not self._tried.is_set() and left > 0 and self._first_callers.acquire(blocking=False):
            try:
                await self.ready_in_loop(left, self._tried.is_set)
            finally:
                self._first_callers.release()
        return self._breaker.usable

    def ready(self, within_seconds: float) -> bool:
        """:returns: whether commands are sent, as soon as they are or when the time is over"""
        self.start()
        end = time.monotonic() + within_seconds
        while not self._breaker.usable and time.monotonic() < end:
            time.sleep(_GLANCE_SECONDS)
        return self._breaker.usable

    async def ready_in_loop(self, within_seconds: float, given_up: Callable[[], bool] = lambda: False) -> bool:
        self.start()
        end = time.monotonic() + within_seconds
        # Threads set what is waited for here, and know nothing of this loop.
        while not self._breaker.usable and time.monotonic() < end and not given_up():  # noqa: ASYNC110
            await asyncio.sleep(_GLANCE_SECONDS)
        return self._breaker.usable

    def close(self) -> None:
        self._closed = True
        self._breaker.open("closed")
        self._breaker.reason = "closed"
        self._on_open()
        if self._keeper is not None and self._keeper is not threading.current_thread():
            self._keeper.join(_DEAD_SECONDS)

    async def close_in_loop(self) -> None:
        line = self._lines.get(asyncio.get_running_loop())
        self._closed = True
        self._breaker.open("closed")
        self._breaker.reason = "closed"
        self._wake.set()
        if line is not None:
            await line.closed()
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.join, _DEAD_SECONDS)
        self._pool.clear()

    def _line(self) -> Line:
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            with self._lock:
                line = self._lines[loop] = Line(self._server, _DEAD_SECONDS, self._count)
        return line

    def _succeed(self) -> None:
        self._last_answer = time.monotonic()
        self._breaker.succeed()

    def _count(self, error: BaseException) -> None:
        if isinstance(error, Refused):
            if error.code == "READONLY":
                # After a failover the name leads to the new primary.
                self._breaker.open(in_words(error))
            elif error.code not in _HARMLESS:
                self._breaker.fail(in_words(error))
        elif isinstance(error, Late):
            self._breaker.fail(in_words(error))
        elif isinstance(error, OSError | Garbage):
            # The connection ended: whether Redis did, too, the next probe says at once.
            self._breaker.open(in_words(error))

    def _on_open(self) -> None:
        self._pool.clear()
        with self._lock:
            lines = list(self._lines.values())
        for line in lines:
            line.end(self._breaker.reason)
        self._wake.set()

    def _want(self) -> None:
        self._wake.set()

    def _keep(self) -> None:
        """The thread's work: connections for the others, and the way back after an outage."""
        pause = _TICK_SECONDS
        while not self._closed:
            if self._breaker.usable:
                pause = _TICK_SECONDS
                self._wake.wait()
                self._wake.clear()
                if self._breaker.usable and self._pool.needs_one:
                    self._grow()
                continue
            trouble = self._examine()
            if trouble is None:
                self._let_through()
                self._tried.set()
                continue
            self._breaker.reason, self._breaker.outage = trouble, True
            self._tried.set()
            self._wake.clear()
            if not self._closed:
                self._wake.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _let_through(self) -> None:
        if self._breaker.outage:
            self.returned_at = time.time() * 1000
        self._breaker.outage = False
        self._last_answer = time.monotonic()
        self._breaker.close()
        # Whatever came up after it was done is seen here, or by the one who added it.
        if self._closed or self._owes():
            self._breaker.open("an invalidation was lost")

    def _grow(self) -> None:
        try:
            self._pool.add(Connection(self._server, _DEAD_SECONDS))
        except Exception as error:
            self._breaker.outage = True
            self._breaker.open(in_words(error))

    def _examine(self) -> str | None:
        """:returns: what is wrong with Redis, if anything"""
        connection: Connection | None = None
        try:
            self._pool.clear()
            connection = Connection(self._server, _DEAD_SECONDS)
            trouble = self._probe(connection)
            if trouble is None:
                well, connection = connection, None
                self._hand_over(well)
            return trouble
        except Late:
            return "Redis does not answer"
        except Exception as error:
            return in_words(error)
        finally:
            if connection is not None:
                connection.close()

    def _hand_over(self, connection: Connection) -> None:
        try:
            _drive(self._make_up(), lambda step: _patiently(connection, step))
        except BaseException:
            connection.close()
            raise
        self._pool.add(connection)

    def _probe(self, connection: Connection) -> str | None:
        if _patiently(connection, Ask([("GET", self._probe_key)])) != [None]:
            return _MIXED
        took_ms = min(_ping_ms(connection) for _ in range(_PINGS))
        self._distance.saw(took_ms)
        return None if took_ms <= self._distance.limit_ms else f"Redis takes {round(took_ms)} ms to answer"


def _patiently(connection: Connection, step: Ask) -> list[Reply]:
    return connection.ask(step.commands, time.monotonic() + _DEAD_SECONDS)


def _ping_ms(connection: Connection) -> float:
    start = time.monotonic()
    _patiently(connection, Ask([("PING",)]))
    return (time.monotonic() - start) * 1000


def _drive(steps: Steps[Result], ask: Callable[[Ask], list[Reply]]) -> Result:
    try:
        step = next(steps)
        while True:
            try:
                replies = ask(step)
            except Exception as error:
                step = steps.throw(error)
            else:
                step = steps.send(replies)
    except StopIteration as end:
        result: Result = end.value
        return result


def _reset_of(reference: weakref.ref[Link]) -> None:
    link = reference()
    if link is not None:
        link._reset()

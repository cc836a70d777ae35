"""Connections of the process's threads. No request opens one: the link's own thread does, ahead of need."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from .connection import Connection
from .wire import Late, Unavailable, Waited

_MOST = 8
"""Each serves one command at a time. Small plans allow few connections in all."""


class _Waiter:
    """One who waits for a connection, and gets it in turn."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self._served = threading.Lock()
        self._served.acquire()

    def serve(self, connection: Connection | None) -> None:
        self.connection = connection
        self._served.release()

    def wait(self, seconds: float) -> bool:
        return self._served.acquire(timeout=max(0.0, seconds))


class Pool:
    def __init__(self, want: Callable[[], None]) -> None:
        """:param want: called when another connection is needed; it leads to `add`"""
        self._want = want
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._waiters: deque[_Waiter] = deque()
        self._open = False

    def take(self, deadline: float) -> Connection:
        """
        :raises Late: when there is none by the deadline
        :raises Waited: when all are in use until then
        :raises Unavailable: when the pool is closed"""
        while True:
            with self._lock:
                if not self._open:
                    raise Unavailable("closed")
                if not self._idle:
                    break
                connection = self._idle.pop()
            if not connection.disturbed:
                return connection
            self.drop(connection)
        return self._wait(deadline)

    def _wait(self, deadline: float) -> Connection:
        waiter = _Waiter()
        with self._lock:
            self._waiters.append(waiter)
            grows = len(self._all) < _MOST
        if grows:
            self._want()
        served = waiter.wait(deadline - time.monotonic())
        with self._lock:
            if not served and waiter in self._waiters:
                self._waiters.remove(waiter)
            none_at_all = self._open and not self._all
        if waiter.connection is None:
            # That others were served is not a failure of Redis; that no connection could be made is one.
            raise (Late if none_at_all else Waited)("no connection was free")
        return waiter.connection

    def give(self, connection: Connection) -> None:
        with self._lock:
            if connection in self._all:
                self._hand_over(connection)
                return
        connection.close()

    def drop(self, connection: Connection) -> None:
        connection.close()
        with self._lock:
            self._all.discard(connection)
            needed = bool(self._waiters)
        if needed:
            self._want()

    @property
    def needs_one(self) -> bool:
        with self._lock:
            return self._open and bool(self._waiters) and len(self._all) < _MOST

    def add(self, connection: Connection) -> None:
        """Also opens the pool."""
        with self._lock:
            self._open = True
            self._all.add(connection)
            self._hand_over(connection)

    def clear(self) -> None:
        """Closes all; those in use are closed by their users. Who waits for one stops waiting."""
        with self._lock:
            self._open = False
            idle, self._idle = self._idle, []
            self._all.clear()
            waiters, self._waiters = self._waiters, deque()
        for waiter in waiters:
            waiter.serve(None)
        for connection in idle:
            connection.close()

    def _hand_over(self, connection: Connection) -> None:
        if self._waiters:
            self._waiters.popleft().serve(connection)
        else:
            self._idle.append(connection)

"""Connections of the process's threads. No request opens one: the link's own thread does, ahead of need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .connection import Connection
from .wire import Late, Unavailable

_MOST = 8
"""Each serves one command at a time. Small plans allow few connections in all."""


class Pool:
    def __init__(self, want: Callable[[], None]) -> None:
        """:param want: called when another connection is needed; it leads to `add`"""
        self._want = want
        self._changed = threading.Condition()
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._missing = 0
        self._open = False

    def take(self, deadline: float) -> Connection:
        """:raises Unavailable: when none is free by the deadline, or the pool is closed"""
        with self._changed:
            while self._open:
                while self._idle:
                    connection = self._idle.pop()
                    if not connection.disturbed:
                        return connection
                    self._all.discard(connection)
                    connection.close()
                self._missing += 1
                if len(self._all) < _MOST:
                    self._want()
                left = deadline - time.monotonic()
                in_time = left > 0 and self._changed.wait(left)
                self._missing -= 1
                if not in_time:
                    raise Late("no connection was free")
        raise Unavailable("closed")

    def give(self, connection: Connection) -> None:
        with self._changed:
            if connection in self._all:
                self._idle.append(connection)
                self._changed.notify()
                return
        connection.close()

    def drop(self, connection: Connection) -> None:
        connection.close()
        with self._changed:
            self._all.discard(connection)

    @property
    def needs_one(self) -> bool:
        with self._changed:
            return self._open and self._missing > 0 and not self._idle and len(self._all) < _MOST

    def add(self, connection: Connection) -> None:
        """Also opens the pool."""
        with self._changed:
            self._open = True
            self._all.add(connection)
            self._idle.append(connection)
            self._changed.notify()

    def clear(self) -> None:
        """Closes all; those in use are closed by their users. Who waits for one stops waiting."""
        with self._changed:
            self._open = False
            idle, self._idle = self._idle, []
            self._all.clear()
            self._changed.notify_all()
        for connection in idle:
            connection.close()

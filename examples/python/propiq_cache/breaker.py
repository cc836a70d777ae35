"""Whether commands are sent to Redis. One for the process, shared by its threads and event loops."""

from __future__ import annotations

import threading
from collections.abc import Callable

_FAILURES = 3
"""In a row, after which Redis is taken to be away. A single failure may be chance."""


class Breaker:
    def __init__(self, on_open: Callable[[], None]) -> None:
        self._on_open = on_open
        self._lock = threading.Lock()
        self._failures = 0
        self.usable = False
        self.reason = "not connected yet"
        """Why it is not usable; of the last time, while it is."""
        self.outage = False
        """Whether an invalidation of another process may have been lost since it was last usable."""

    def succeed(self) -> None:
        self._failures = 0

    def fail(self, why: str) -> None:
        with self._lock:
            self._failures += 1
            enough = self._failures >= _FAILURES
        if enough:
            self.outage = True
            self.open(why)

    def open(self, why: str) -> None:
        """No command is sent until `close`."""
        with self._lock:
            if not self.usable:
                return
            self.usable, self.reason, self._failures = False, why, 0
        self._on_open()

    def close(self) -> None:
        with self._lock:
            self.usable, self._failures = True, 0

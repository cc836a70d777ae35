"""How many bytes of values a process has stored, as far as they have not expired or been forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_REMEMBERED = 5000
"""Values known by name. Of those beyond, only the sum for each minute in which they end is kept."""
_MINUTE_MS = 60_000


class StoredBytes:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._named: dict[str, tuple[int, float]] = {}
        self._nameless: dict[int, int] = {}

    def add(self, plain: str, size: int, expires_ms: float, now_ms: float | None = None) -> None:
        ends_at = (_now() if now_ms is None else now_ms) + expires_ms
        with self._lock:
            self._named.pop(plain, None)
            self._named[plain] = (size, ends_at)
            if len(self._named) > _REMEMBERED:
                bytes_, end = self._named.pop(next(iter(self._named)))
                minute = int(end // _MINUTE_MS)
                self._nameless[minute] = self._nameless.get(minute, 0) + bytes_

    def remove(self, plain: str) -> None:
        with self._lock:
            self._named.pop(plain, None)

    def remove_all(self, matches: Callable[[str], bool]) -> None:
        with self._lock:
            for plain in [plain for plain in self._named if matches(plain)]:
                del self._named[plain]

    def total(self, now_ms: float | None = None) -> int:
        now = _now() if now_ms is None else now_ms
        with self._lock:
            self._named = {plain: each for plain, each in self._named.items() if each[1] > now}
            self._nameless = {
                minute: size for minute, size in self._nameless.items() if (minute + 1) * _MINUTE_MS > now
            }
            return sum(size for size, _ in self._named.values()) + sum(self._nameless.values())


def _now() -> float:
    return time.time() * 1000

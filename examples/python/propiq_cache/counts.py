"""What the cache does for one function, counted since the process started."""

from __future__ import annotations

import threading
from typing import Any

from .stored import StoredBytes

_REMEMBERED = 5000
"""Keys whose last value is known by its hash, to see whether a reload gave the same."""
_WEIGHT = 0.2
"""Of the latest load in the recent mean."""


class Counts:
    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.stored = StoredBytes()
        self._lock = threading.Lock()
        self._hashes: dict[str, str] = {}
        self.hits = self.misses = self.errors = self.loads = 0
        self.reloads = self.unchanged_reloads = self.graced = 0
        self.load_ms = self.load_ms_max = self.saved_ms = 0.0
        self.recent_load_ms: float | None = None
        """None before the first load."""

    def hit(self, took_ms: float) -> None:
        """:param took_ms: what the function took for this value, and is saved"""
        with self._lock:
            self.hits += 1
            self.saved_ms += took_ms

    def miss(self, graced: bool = False) -> None:
        with self._lock:
            self.misses += 1
            self.graced += graced

    def loaded(self, took_ms: float, failed: bool = False) -> None:
        with self._lock:
            self.loads += 1
            self.errors += failed
            self.load_ms += took_ms
            self.load_ms_max = max(self.load_ms_max, took_ms)
            known = self.recent_load_ms
            self.recent_load_ms = took_ms if known is None else known + _WEIGHT * (took_ms - known)

    def gave(self, plain: str, digest: str) -> None:
        """:param digest: of the value that a load gave"""
        with self._lock:
            before = self._hashes.pop(plain, None)
            self._hashes[plain] = digest
            if len(self._hashes) > _REMEMBERED:
                del self._hashes[next(iter(self._hashes))]
            if before is not None:
                self.reloads += 1
                self.unchanged_reloads += before == digest

    def saw(self, plain: str, digest: str) -> None:
        """:param digest: of a value found in the cache that is about to be loaded again"""
        with self._lock:
            self._hashes.setdefault(plain, digest)

    def document(self, ttl_seconds: float, reason: str | None) -> dict[str, Any]:
        """Its entry in the health document.

        :param reason: why the cache is not used for it, if it is not"""
        with self._lock:
            mean = round(self.load_ms / self.loads, 1) if self.loads else None
            entry = {
                "namespace": self.namespace,
                "hits": self.hits,
                "misses": self.misses,
                "errors": self.errors,
                "loads": self.loads,
                "loadMsMean": mean,
                "loadMsMax": round(self.load_ms_max, 1) if self.loads else None,
                "reloads": self.reloads,
                "unchangedReloads": self.unchanged_reloads,
                "graced": self.graced,
                "ttlSeconds": ttl_seconds,
                "savedSeconds": round(self.saved_ms / 1000, 3),
                "memoryBytes": self.stored.total(),
                "reason": reason,
            }
        return {name: value for name, value in entry.items() if value is not None}

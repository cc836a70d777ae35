"""How a cached function is answered: from the cache, by a load, or in grace. Steps, for threads and event loops alike.

Besides commands for Redis they yield `Load` (call the function), `Later` (load in the background) and `Wait`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .codec import Codec
from .counts import Counts
from .distance import Distance
from .envelope import Content, Lifetime, Mixed, Opened, seal
from .flights import Abandoned, Flight
from .link import Link
from .lost import Pattern
from .marks import Unkeepable
from .steps import Ask, Steps
from .store import LARGEST_VALUE, Store
from .wire import Waited

_log = logging.getLogger("propiq_cache")

_PAUSE_SECONDS = 1.0
"""After a load failed in grace, in which the last good value is given without another try."""
_MOST_PAUSES = 1000


@dataclass(frozen=True, slots=True)
class Loaded:
    value: Any
    error: Exception | None
    took_ms: float


class Load:
    """Calls the function. Answered by `Loaded`."""


class Later:
    """Loads in the background. Answered by its flight; by None inside that load, or where too many do so already."""


@dataclass(frozen=True, slots=True)
class Wait:
    """For a flight. Answered by its outcome; raises what it raised, or TimeoutError."""

    flight: Flight[Outcome]
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: Literal["hit", "miss", "graced", "passed"]
    """`passed`: given as it is and to one caller only; it cannot be kept, or the cache is not used for it."""
    copy: Callable[[], Any]
    took_ms: float = 0


Flow: TypeAlias = Generator["Ask | Load | Later | Wait", Any, Outcome]


class Function:
    """One cached function: what is known of it, and the steps of its calls."""

    def __init__(
        self,
        name: str,
        counts: Counts,
        codec: Codec,
        life: Lifetime,
        *,
        load_limit_ms: float,
        jitter: float,
        store: Store,
        distance: Distance,
        link: Link,
        forget: Callable[[Pattern], Steps[None]],
    ) -> None:
        self.counts = counts
        self._name = name
        self._codec = codec
        self._life = life
        self._load_limit_ms = load_limit_ms
        self._jitter = jitter
        self._store = store
        self._distance = distance
        self._link = link
        self._forget = forget
        self._reported = False
        self._paused: dict[str, float] = {}
        """Until when no load is tried in grace, by key."""

    @property
    def reason(self) -> str | None:
        """Why the cache is not used for this function, if it is not."""
        return self._distance.too_far_for(self.counts.recent_load_ms)

    def answer(self, plain: str, flight: Flight[Outcome]) -> Flow:
        if self.reason is not None:
            loaded = yield from self._loaded()
            return Outcome("passed", lambda: loaded.value)
        try:
            found = yield from self._find(plain)
        except Waited:
            # Waiting once more, for the write, would double what Redis costs this call.
            return (yield from self.load(plain, flight, writes=False))
        if found is None:
            return (yield from self.load(plain, flight))
        opened, copy = found
        now = time.time() * 1000
        if not opened.is_over:
            if now > opened.fresh_until:
                self.counts.saw(plain, opened.hash)
                yield Later()
            return Outcome("hit", copy, opened.took_ms)
        self.counts.saw(plain, opened.hash)
        # In an outage of Redis an invalidation may have been lost, also one of another process.
        if now >= (opened.ends_at or 0) + self._life.grace_ms or opened.stored_at < self._link.returned_at:
            return (yield from self.load(plain, flight))
        return (yield from self._in_grace(plain, flight, Outcome("graced", copy)))

    def load(self, plain: str, flight: Flight[Outcome], writes: bool = True) -> Flow:
        loaded = yield from self._loaded()
        try:
            content = self._codec.keep(loaded.value)
        except Unkeepable as error:
            self._report(loaded.value, str(error))
            return Outcome("passed", lambda: loaded.value)
        sealed = seal(plain, content, self._life, self._jitter, loaded.took_ms)
        self.counts.gave(plain, sealed.hash)
        if len(sealed.text) > LARGEST_VALUE:
            self._report(loaded.value, f"it has more than {LARGEST_VALUE} bytes")
        elif writes and flight.valid:
            if (yield from self._store.write(plain, sealed)):
                self.counts.stored.add(plain, len(sealed.text), sealed.expires_ms)
            # Another connection may have forgotten it before it was stored on this one.
            if not flight.valid:
                yield from self._forget(Pattern(plain, True))
        return Outcome("miss", self._copies(content))

    def _loaded(self) -> Generator[Any, Any, Loaded]:
        loaded: Loaded = yield Load()
        self.counts.loaded(loaded.took_ms, loaded.error is not None)
        if loaded.error is not None:
            raise loaded.error
        return loaded

    def _find(self, plain: str) -> Generator[Any, Any, tuple[Opened, Callable[[], Any]] | None]:
        try:
            opened = yield from self._store.read(plain)
        except Mixed:
            # Then the next replies on this connection belong to others, too.
            self._link.renew()
            return None
        if opened is None:
            return None
        try:
            return opened, self._copies(opened.content, [self._codec.give(opened.content)])
        except Exception:
            return None

    def _in_grace(self, plain: str, flight: Flight[Outcome], last_good: Outcome) -> Flow:
        if time.monotonic() < self._paused.get(plain, 0):
            return last_good
        running: Flight[Outcome] | None = yield Later()
        if running is None:
            return last_good
        left_ms = self._load_limit_ms - (time.monotonic() - running.started) * 1000
        try:
            outcome: Outcome = yield Wait(running, max(0.0, left_ms / 1000))
            return outcome
        except Abandoned:
            raise
        except Exception:
            if not (flight.valid and running.valid):
                # Invalidated meanwhile: what the function gives, be it an error, but not what is no longer true.
                late: Outcome = yield Wait(running, None)
                return late
            if len(self._paused) >= _MOST_PAUSES:
                self._paused.clear()
            self._paused[plain] = time.monotonic() + _PAUSE_SECONDS
            return last_good

    def _copies(self, content: Content, first: list[Any] | None = None) -> Callable[[], Any]:
        """One of its own for each caller, who may change it."""

        def copy() -> Any:
            try:
                return first.pop() if first else self._codec.give(content)
            except IndexError:
                return self._codec.give(content)

        return copy

    def _report(self, value: object, why: str) -> None:
        if self._reported:
            return
        self._reported = True
        _log.warning(
            "%s (key_prefix %s): its value of type %s is not cached: %s",
            self._name,
            self.counts.namespace,
            type(value).__name__,
            why,
        )

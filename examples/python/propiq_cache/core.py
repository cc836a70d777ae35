"""What the two faces of the cache share: `Cache` for event loops, `DirectCache` for everything else."""

from __future__ import annotations

import json
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .calls import Calls
from .codec import Codec, keep_direct
from .counts import Counts
from .distance import Distance
from .envelope import Mixed, lifetime, seal
from .function import Function
from .keys import NEVER_CACHED, check_namespace, plain_name
from .link import Link
from .lost import Lost, Pattern
from .marks import Unkeepable, restored
from .metrics import openmetrics
from .patterns import fits
from .settings import DEFAULT_TTL, Settings, read_settings
from .steps import Steps
from .store import LARGEST_VALUE, ServerStats, Store

_log = logging.getLogger("propiq_cache")

_MOST_REPORTS = 100

Ttl = str | float
"""A tier of the settings (short, medium, long, day), or seconds. No value outlives it."""


def check_ttl(ttl: object) -> None:
    """:raises TypeError, ValueError: for what is neither a tier nor a number"""
    if isinstance(ttl, str) and ttl not in DEFAULT_TTL:
        raise ValueError(f"ttl must be seconds or one of {', '.join(DEFAULT_TTL)}, not {ttl!r}")
    if not isinstance(ttl, str | int | float):
        raise TypeError(f"ttl must be seconds or one of {', '.join(DEFAULT_TTL)}, not a {type(ttl).__name__}")


@dataclass(frozen=True)
class Stats:
    keys: int | None
    memory_used_bytes: int | None
    memory_used: str | None
    """As Redis writes it, e.g. 1.21M."""
    hits: int
    misses: int
    hit_rate: float | None
    """Share of the look-ups that found a value, 0 to 1; None before the first."""


@dataclass
class Registered:
    """A decorated function, before its first call."""

    function: str
    """Its module and name."""
    namespace: str
    codec: Callable[[], Codec]
    ttl: Ttl
    stale_seconds: float | None
    grace_seconds: float
    load_limit_ms: float
    counts: Counts = field(init=False)

    def __post_init__(self) -> None:
        self.counts = Counts(self.namespace)


class Core:
    def __init__(
        self,
        env: Mapping[str, str] | None,
        prefix: str | None,
        limit_ms: float | None,
        never_cached: Iterable[str],
        jitter: float,
    ) -> None:
        self._env = env
        self._prefix = prefix
        self._jitter = jitter
        self.never = (*NEVER_CACHED, *never_cached)
        self._distance = Distance(limit_ms)
        self._lost = Lost()
        self._registered: dict[str, Registered] = {}
        self._versions: dict[str, int] = {}
        self._direct = Counts("")
        self._reported: set[str] = set()
        self._lock = threading.Lock()
        self._opened: tuple[Settings, Store, Link | None] | None = None
        self.calls: Calls | None = None

    @property
    def settings(self) -> Settings:
        return self._open()[0]

    @property
    def link(self) -> Link | None:
        """None where the cache is off, or its settings are not valid."""
        return self._open()[2]

    @property
    def opened_link(self) -> Link | None:
        """The same, without reading the environment for it."""
        return None if self._opened is None else self._opened[2]

    def register(self, registered: Registered, version: int) -> None:
        """:raises TypeError: where another function has the namespace"""
        namespace = registered.namespace
        taken = self._registered.get(namespace)
        if taken is not None and taken.function != registered.function:
            raise TypeError(f"{namespace} already belongs to {taken.function}")
        self._registered[namespace] = registered
        self._versions[namespace] = version

    def function_of(self, registered: Registered, link: Link) -> Function:
        return Function(
            registered.function,
            registered.counts,
            registered.codec(),
            lifetime(*self._lifetime_of(registered)),
            load_limit_ms=registered.load_limit_ms,
            jitter=self._jitter,
            store=self._open()[1],
            distance=self._distance,
            link=link,
            forget=self.forget,
        )

    def named(self, namespace: str, parts: Sequence[object]) -> str:
        """:raises TypeError, ValueError: for what is not a namespace, must not be cached, or is not a part"""
        check_namespace(namespace, self.never)
        return plain_name(namespace, parts)

    def below(self, namespace: str, parts: Sequence[object]) -> Pattern:
        check_namespace(namespace, self.never)
        return Pattern(plain_name(namespace, parts) if parts else namespace, False)

    def read(self, plain: str, default: Any, give: Callable[[bytes], Any] | None = None) -> Steps[Any]:
        """:param give: makes the value of its JSON; default: what was stored, as far as JSON holds it"""
        _, store, link = self._open()
        try:
            opened = yield from store.read(plain)
            if opened is None or opened.is_over:
                self._direct.miss()
                return default
            content = opened.content
            if give is not None and content.marks is None:
                value = give(content.text)
            else:
                value = json.loads(content.text)
                value = value if content.marks is None else restored(value, content.marks)
        except Mixed:
            # Then the next replies on this connection belong to others, too.
            if link is not None:
                link.renew()
        except Exception:
            pass
        else:
            self._direct.hit(0)
            return value
        self._direct.miss()
        return default

    def write(self, plain: str, value: object, ttl: Ttl) -> Steps[bool]:
        """:raises TypeError, ValueError: for what is not a lifetime"""
        life, store = lifetime(self.seconds(ttl)), self._open()[1]

        def steps() -> Steps[bool]:
            try:
                sealed = seal(plain, keep_direct(value), life, self._jitter)
            except Unkeepable as error:
                self._report(plain, value, str(error))
                return False
            if len(sealed.text) > LARGEST_VALUE:
                self._report(plain, value, f"it has more than {LARGEST_VALUE} bytes")
                return False
            return (yield from store.write(plain, sealed))

        return steps()

    def _report(self, plain: str, value: object, why: str) -> None:
        """Once for each first part of a key: the rest of a key may name a person."""
        head = plain.partition(":")[0]
        with self._lock:
            if head in self._reported or len(self._reported) >= _MOST_REPORTS:
                return
            self._reported.add(head)
        _log.warning("set (key_prefix %s): a value of type %s is not cached: %s", head, type(value).__name__, why)

    def forget(self, pattern: Pattern) -> Steps[None]:
        """What cannot be done now is done before the cache is read again."""
        _, store, link = self._open()
        exact = pattern.text
        matches: Callable[[str], bool] = (lambda plain: plain == exact) if pattern.exact else fits(pattern.text)
        if self.calls is not None:
            self.calls.invalidate(matches)
        for each in list(self._registered.values()):
            if pattern.exact:
                each.counts.stored.remove(exact)
            else:
                each.counts.stored.remove_all(matches)
        try:
            yield from store.remove(pattern)
        except Exception:
            self._lost.add(pattern)
            # A cache that may hold what was to be forgotten must not be read.
            if link is not None:
                link.doubt("an invalidation was lost")

    def stats(self) -> Steps[Stats]:
        return self.stats_with((yield from self._open()[1].stats()))

    def stats_with(self, server: ServerStats) -> Stats:
        counts = [self._direct, *(each.counts for each in list(self._registered.values()))]
        hits, misses = sum(each.hits for each in counts), sum(each.misses for each in counts)
        return Stats(
            keys=server.keys,
            memory_used_bytes=server.memory_used_bytes,
            memory_used=server.memory_used,
            hits=hits,
            misses=misses,
            hit_rate=round(hits / (hits + misses), 4) if hits + misses else None,
        )

    def health(self, stats: Stats) -> dict[str, Any]:
        """The `cache` of the health document."""
        link, settings, functions = self.link, self.settings, self._documents()
        off = settings.problem if settings.enabled else "REDIS_ENABLED is false"
        reason = off if link is None else link.reason
        unused = [entry["reason"] for entry in functions if "reason" in entry]
        if reason is None and unused and len(unused) == len(functions):
            reason = f"no function uses it: {unused[0]}"
        return {
            "enabled": settings.enabled,
            "connected": link is not None and link.usable,
            "hit_rate": stats.hit_rate,
            "memory_used": stats.memory_used,
            "reason": reason,
            "fingerprint": settings.fingerprint,
            **({} if link is None else self._distance.document()),
            **({"notes": list(settings.notes)} if settings.notes else {}),
            "functions": functions,
        }

    def metrics(self) -> str:
        link = self.link
        return openmetrics(link is not None and link.usable, self._documents())

    def seconds(self, ttl: Ttl) -> float:
        """:raises TypeError, ValueError: for what is not a lifetime"""
        check_ttl(ttl)
        return self.settings.ttl[ttl] if isinstance(ttl, str) else ttl

    def _open(self) -> tuple[Settings, Store, Link | None]:
        if self._opened is not None:
            return self._opened
        with self._lock:
            if self._opened is None:
                self._opened = self._make()
            return self._opened

    def _make(self) -> tuple[Settings, Store, Link | None]:
        settings = read_settings(os.environ if self._env is None else self._env)
        prefix = self._prefix or settings.prefix
        store = Store(prefix, self._versions)
        if settings.server is None:
            return settings, store, None
        link = Link(
            settings.server,
            self._distance,
            probe_key=f"{prefix}:probe:{uuid.uuid4()}",
            make_up=lambda: self._lost.make_up_for(store.remove),
            owes=lambda: bool(self._lost),
        )
        self.calls = Calls(link)
        return settings, store, link

    def _documents(self) -> list[dict[str, Any]]:
        is_used = self.link is not None
        return [
            each.counts.document(
                self._lifetime_of(each)[0],
                self._distance.too_far_for(each.counts.recent_load_ms) if is_used else None,
            )
            for each in list(self._registered.values())
        ]

    def _lifetime_of(self, registered: Registered) -> tuple[float, float | None, float]:
        chosen = self.settings.ttl_functions.get(registered.namespace)
        seconds = self.seconds(registered.ttl) if chosen is None else chosen
        stale = registered.stale_seconds
        return seconds, None if stale is None else min(stale, seconds), registered.grace_seconds

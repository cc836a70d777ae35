"""How a value is stored: a line of JSON that describes it, then its own JSON.

`{"of":"<its plain name>","fresh":<ms since 1970>,"took":<ms>,"hash":"…"}`, a line break, the value. The name is in
it because a reply that belongs to another question, as clients and proxies are known to have given, would show one
user what belongs to another. Values of the first version of the kit have another form and are misses.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from dataclasses import dataclass
from typing import Any


class Mixed(Exception):
    """A reply that belongs to another question."""


@dataclass(frozen=True)
class Lifetime:
    life_ms: float
    """From storing to the end."""
    stale_ms: float
    """Of that, the last part: the value is still given, while a new one is fetched."""
    grace_ms: float = 0
    """After the end, in which the value is given where no new one can be fetched."""


@dataclass(frozen=True, slots=True)
class Content:
    """A value in JSON."""

    text: bytes
    marks: Any = None
    """Values whose types JSON does not keep; see `marks.py`. None where the reader knows the type by itself."""

    @property
    def hash(self) -> str:
        rest = b"" if self.marks is None else json.dumps(self.marks).encode()
        return hashlib.sha256(self.text + rest).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Sealed:
    text: bytes
    expires_ms: int
    """From now, in which Redis drops it."""
    hash: str


@dataclass(frozen=True, slots=True)
class Opened:
    content: Content
    fresh_until: float
    """Milliseconds since 1970."""
    ends_at: float | None
    """The same, for the end of its lifetime; None where Redis keeps that itself."""
    stored_at: float
    took_ms: float
    """How long the function took for it."""
    hash: str

    @property
    def is_over(self) -> bool:
        """Whether its lifetime has ended, so that only grace is left."""
        return self.ends_at is not None and time.time() * 1000 >= self.ends_at


def lifetime(ttl_seconds: float, stale_seconds: float | None = None, grace_seconds: float = 0) -> Lifetime:
    """:raises ValueError: where they are not above zero, or the stale part is longer than the whole"""
    stale = ttl_seconds / 5 if stale_seconds is None else stale_seconds
    if not (ttl_seconds > 0 and 0 <= stale <= ttl_seconds and grace_seconds >= 0):
        raise ValueError("ttl must be above 0 seconds, stale_seconds from 0 to ttl, and grace_seconds not below 0")
    return Lifetime(ttl_seconds * 1000, stale * 1000, grace_seconds * 1000)


def seal(plain: str, content: Content, life: Lifetime, jitter: float, took_ms: float = 0) -> Sealed:
    """:param jitter: the share by which the life may be shorter"""
    shorter = 1 - jitter * random.random()
    life_ms = max(1, round(life.life_ms * shorter))
    now = time.time() * 1000
    head: dict[str, Any] = {
        "of": plain,
        "fresh": round(now + life_ms - life.stale_ms * shorter),
        "took": round(took_ms, 1),
        "hash": content.hash,
    }
    if life.grace_ms > 0:
        head |= {"at": round(now), "end": round(now + life_ms)}
    if content.marks is not None:
        head["as"] = content.marks
    line = json.dumps(head, separators=(",", ":")).encode()
    return Sealed(line + b"\n" + content.text, round(life_ms + life.grace_ms), head["hash"])


def open_sealed(plain: str, text: bytes) -> Opened | None:
    """:returns: None for a text of another form, whatever wrote it
    :raises Mixed: for another value's"""
    line, _, value = text.partition(b"\n")
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(head, dict) or "of" not in head:
        return None
    if head["of"] != plain:
        raise Mixed
    if not value or not _is_number(head.get("fresh")):
        return None
    numbers: dict[str, float] = {name: each for name, each in head.items() if _is_number(each)}
    return Opened(
        Content(value, head.get("as")),
        numbers["fresh"],
        numbers.get("end"),
        numbers.get("at", 0),
        numbers.get("took", 0),
        str(head.get("hash", "")),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

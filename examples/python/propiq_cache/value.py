"""How a value lies in the cache: `{"of":"<its plain name>","freshUntil":<ms since 1970>,"value":…}`.

The name is in it because an answer that belongs to another question, as clients and proxies are known to have given,
would show one user what is another's.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import Any


class Mixed(Exception):
    """An answer that belongs to another question."""


@dataclass(frozen=True)
class Lifetime:
    life_ms: float
    """From storing to the end."""
    stale_ms: float
    """Of that, the last part: the value is still given, while a new one is fetched."""


@dataclass(frozen=True)
class Sealed:
    text: bytes
    life_ms: int
    """Until Redis drops it."""


@dataclass(frozen=True)
class Opened:
    fresh_until: float
    """Milliseconds since 1970."""
    text: bytes

    def copy(self) -> Any:
        """One of its own for each caller, who may change it."""
        return json.loads(self.text)["value"]


def lifetime(ttl_seconds: float, stale_seconds: float | None = None) -> Lifetime:
    """:raises ValueError: where they are not above zero, or the stale part is longer than the whole"""
    stale = ttl_seconds / 5 if stale_seconds is None else stale_seconds
    if not (ttl_seconds > 0 and 0 <= stale <= ttl_seconds):
        raise ValueError("ttl must be above 0 seconds, and stale_seconds from 0 to ttl")
    return Lifetime(ttl_seconds * 1000, stale * 1000)


def seal(plain: str, value: object, life: Lifetime, jitter: float) -> Sealed | None:
    """:param jitter: the share by which the life may be shorter
    :returns: None for a value that JSON does not hold"""
    shorter = 1 - jitter * random.random()
    life_ms = max(1, round(life.life_ms * shorter))
    fresh_until = round(time.time() * 1000 + life_ms - life.stale_ms * shorter)
    envelope = {"of": plain, "freshUntil": fresh_until, "value": value}
    try:
        text = json.dumps(envelope, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # Lone surrogates have no UTF-8; JSON can write them all the same.
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            text = json.dumps(envelope, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        return None
    return Sealed(text.encode(), life_ms)


def open_sealed(plain: str, text: bytes) -> Opened | None:
    """:returns: None for a text that is no such envelope, whoever wrote it
    :raises Mixed: for another value's"""
    try:
        envelope = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(envelope, dict) or "of" not in envelope:
        return None
    if envelope["of"] != plain:
        raise Mixed
    fresh_until = envelope.get("freshUntil")
    if isinstance(fresh_until, bool) or not isinstance(fresh_until, int | float) or "value" not in envelope:
        return None
    return Opened(fresh_until, text)

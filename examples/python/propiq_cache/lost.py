"""Invalidations that could not be sent. They are made up for before the cache is read again."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import NamedTuple

from .steps import Steps

_MOST = 1000
"""With more than these, whole namespaces are forgotten instead."""


class Pattern(NamedTuple):
    text: str
    exact: bool
    """The plain name of one value; else a pattern."""


class Lost:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._patterns: dict[Pattern, None] = {}

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def add(self, pattern: Pattern) -> None:
        with self._lock:
            # Last, so that the one that is being made up for is made up for again.
            self._patterns.pop(pattern, None)
            self._patterns[pattern] = None
            if len(self._patterns) > _MOST:
                namespaces = {re.sub(r"[:*].*\Z", "", text, flags=re.S) for text, _ in self._patterns}
                self._patterns = {Pattern(namespace or "*", False): None for namespace in namespaces}

    def make_up_for(self, remove: Callable[[Pattern], Steps[None]]) -> Steps[None]:
        """:raises: what `remove` raises; what is not done stays"""
        while True:
            with self._lock:
                pattern = next(iter(self._patterns), None)
                if pattern is None:
                    return
                del self._patterns[pattern]
            try:
                yield from remove(pattern)
            except BaseException:
                self.add(pattern)
                raise

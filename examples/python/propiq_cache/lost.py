"""Invalidations that could not be sent. They are made up for before the cache is read again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple

_MOST = 1000
"""With more than these, whole namespaces are forgotten instead."""


class Pattern(NamedTuple):
    text: str
    exact: bool
    """The plain name of one value; else a pattern."""


class Lost:
    def __init__(self) -> None:
        self._patterns: dict[Pattern, None] = {}

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def add(self, pattern: Pattern) -> None:
        self._patterns[pattern] = None
        if len(self._patterns) > _MOST:
            namespaces = {re.sub(r"[:*].*\Z", "", text, flags=re.S) for text, _ in self._patterns}
            self._patterns = {Pattern(namespace, False): None for namespace in namespaces}

    async def make_up_for(self, remove: Callable[[Pattern], Awaitable[None]]) -> None:
        """:raises: what `remove` raises; what is not done stays"""
        while self._patterns:
            pattern = next(iter(self._patterns))
            await remove(pattern)
            self._patterns.pop(pattern, None)

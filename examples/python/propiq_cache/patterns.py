"""Patterns of plain names: `user` and `user:*` are all of that namespace and of those below it, `user:42` is that
key and all below it, and `*` stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MOST_STARS = 2
"""Redis' own matching takes exponential time with more."""


def fits(pattern: str) -> Callable[[str], bool]:
    """Takes time in proportion to the name, whatever the pattern."""
    first, *others = re.sub(r":\*\Z", "", pattern).split("*")
    middle, last = others[:-1], others[-1] if others else None

    def matches(plain: str) -> bool:
        if not plain.startswith(first):
            return False
        at = len(first)
        if last is None:
            return plain[at : at + 1] in ("", ":")
        for piece in middle:
            found = plain.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        if last == "" or plain.find(f"{last}:", at) >= 0:
            return True
        return plain.endswith(last) and len(plain) - len(last) >= at

    return matches


def scan_pattern(prefix: str, pattern: str) -> str:
    """Redis' own pattern for keys that may fit. It knows no versions, so that `fits` decides."""
    head = re.sub(r":\*\Z", "", pattern)
    if head.count("*") > _MOST_STARS:
        head = head.split("*", 1)[0]
    return f"{_literal(prefix)}:v*:{_literal(head)}*"


def _literal(text: str) -> str:
    return re.sub(r"([?\[\]\\])", r"\\\1", text)

"""The names of cached values: `<prefix>:v<version>:<namespace>:<part>:<part>…`.

What follows the version is the value's plain name; patterns are matched against that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

NEVER_CACHED = (
    "auth",
    "card",
    "cards",
    "credential",
    "credentials",
    "password",
    "passwords",
    "payment",
    "payments",
    "secret",
    "secrets",
    "session",
    "sessions",
    "token",
    "tokens",
)
"""Words of namespaces whose values must not lie in a cache, which others can read and which forgets."""

_NAMESPACE = re.compile(r"[a-z][a-z0-9_-]{0,31}(:[a-z][a-z0-9_-]{0,31}){0,3}")
_LONGEST_PART = 128
"""Longer parts are named by their hash."""
_MAX_SAFE_INTEGER = 2**53 - 1
"""Beyond, JavaScript does not tell neighbours apart."""


def check_namespace(namespace: str, never: Iterable[str] = NEVER_CACHED) -> None:
    """:raises TypeError: for a namespace that is none
    :raises ValueError: for one that must never be cached"""
    if not _NAMESPACE.fullmatch(namespace):
        raise TypeError(
            f"{namespace!r} is no namespace: use words of a-z, 0-9, - and _, as in user:profile"
        )
    words = re.split("[:_-]", namespace)
    held = next((word for word in words if word in set(never)), None)
    if held is not None:
        raise ValueError(f"{namespace} must not be cached: it holds {held}")


def plain_name(namespace: str, parts: Sequence[object]) -> str:
    """:raises TypeError: for a part that has no such text, as an object"""
    return ":".join([namespace, *(map(_encode, parts) if parts else ["%none"])])


def _encode(part: object) -> str:
    """Percent-encoded as in JavaScript, so that neither a colon nor a sign of Redis' patterns is left in it.

    Words behind a % that percent-encoding cannot bring about stand for what is no text; 1 and "1" are the same.
    """
    if part is None:
        return "%null"
    if isinstance(part, bool):
        return f"%{part}".lower()
    if isinstance(part, float) and part.is_integer():
        part = int(part)
    if isinstance(part, int) and abs(part) <= _MAX_SAFE_INTEGER:
        return str(part)
    if not isinstance(part, str):
        raise TypeError(
            "A key is made of texts, whole numbers, booleans and None. Give `key`, which makes it of those."
        )
    if part == "":
        return "%empty"
    try:
        encoded = quote(part, safe="!~'()")
    except UnicodeEncodeError:
        # A lone surrogate has no percent-encoding, but its hash tells it from any other.
        return _hashed(part)
    return _hashed(part) if len(encoded) > _LONGEST_PART else encoded


def _hashed(part: str) -> str:
    return f"%sha256.{hashlib.sha256(part.encode('utf-16-le', 'surrogatepass')).hexdigest()}"


def fits(pattern: str) -> Callable[[str], bool]:
    """Whether a plain name fits: `user` and `user:*` are all of that namespace and of those below it,
    `user:42` that key and all below it; `*` stands for any text."""
    literal = ".*".join(map(re.escape, re.sub(r":\*\Z", "", pattern).split("*")))
    regexp = re.compile(f"{literal}(:.*)?", re.S)
    return lambda plain: regexp.fullmatch(plain) is not None


def scan_pattern(prefix: str, pattern: str) -> str:
    """Redis' own pattern for keys that may fit; it knows no versions, so that `fits` has the last word."""
    head = re.sub(r"([?\[\]\\])", r"\\\1", re.sub(r":\*\Z", "", pattern))
    return f"{prefix}:v*:{head}*"


def plain_of(prefix: str, key: str) -> str:
    """The plain name in a key of this prefix; nothing in any other key."""
    rest = key.removeprefix(f"{prefix}:v")
    match = re.fullmatch(r"[0-9]+:(.*)", rest, re.S)
    return "" if rest == key or match is None else match[1]

"""The names of cached values: `<prefix>:v<version>:<namespace>:<part>:<part>…`.

What follows the version is the value's plain name; patterns are matched against that.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
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
"""Beyond, JavaScript does not distinguish neighbours."""


class Encoded(str):
    """A part that is in its final form."""


def check_namespace(namespace: str, never: Iterable[str] = NEVER_CACHED) -> None:
    """:raises TypeError: for a namespace that is not valid
    :raises ValueError: for one that must never be cached"""
    if not _NAMESPACE.fullmatch(namespace):
        raise TypeError(f"{namespace!r} is not a namespace: use words of a-z, 0-9, - and _, as in user:profile")
    words = re.split("[:_-]", namespace)
    held = next((word for word in words if word in set(never)), None)
    if held is not None:
        raise ValueError(f"{namespace} must not be cached: it holds {held}")


def plain_name(namespace: str, parts: Sequence[object]) -> str:
    """:raises TypeError: for a part that has no such text, as an object"""
    return ":".join([namespace, *(map(_encode, parts) if parts else ["%none"])])


def _encode(part: object) -> str:
    """Percent-encoded as in JavaScript, so that neither a colon nor a sign of Redis' patterns is left in it.

    Words behind a % that percent-encoding cannot bring about stand for what is not text; 1 and "1" are the same.
    """
    if isinstance(part, Encoded):
        return str(part)
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
        # A lone surrogate has no percent-encoding, but its hash distinguishes it from any other.
        return _hashed(part)
    return _hashed(part) if len(encoded) > _LONGEST_PART else encoded


def _hashed(part: str) -> str:
    return f"%sha256.{hashlib.sha256(part.encode('utf-16-le', 'surrogatepass')).hexdigest()}"


def direct_name(text: str) -> str:
    """The plain name of a key in free text: `user:123` is that of a call with "123" in the namespace `user`."""
    return ":".join(map(_encode, text.split(":")))


def check_words(text: str, never: Iterable[str] = NEVER_CACHED) -> None:
    """:raises ValueError: for a key whose first part says that it must never be cached"""
    head = text.split(":", 1)[0]
    held = next((word for word in re.split("[_-]", head.lower()) if word in set(never)), None)
    if held is not None:
        raise ValueError(f"{head} must not be cached: it holds {held}")


def structured(value: object) -> Encoded:
    """A part for a value that JSON describes, such as a list: no text can be encoded to it.

    :raises TypeError, ValueError: for a value that JSON does not describe"""
    text = json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return Encoded(f"%json.{hashlib.sha256(text.encode()).hexdigest()}")


def plain_of(prefix: str, key: str) -> str:
    """The plain name in a key of this prefix; nothing in any other key."""
    rest = key.removeprefix(f"{prefix}:v")
    match = re.fullmatch(r"[0-9]+:(.*)", rest, re.S)
    return "" if rest == key or match is None else match[1]

"""Values of Python's own types in JSON, with what JSON does not keep beside them.

`{"at": datetime(…)}` becomes `{"at": "2026-01-02T03:04:05"}` and the mark `[["at"], "datetime"]`: other kits read plain
JSON, this one gives back what it got.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

Mark = list[Any]
"""A path of keys and indexes, and the name of a type."""

TYPED: Mark = [[], "typed"]
"""Of a value that a return annotation makes of what the other marks restore."""


class Unkeepable(Exception):
    """A value that cannot be stored and given back as it was."""


_TEXTS: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    timedelta: (
        "timedelta",
        lambda value: [value.days, value.seconds, value.microseconds],
        lambda parts: timedelta(*parts),
    ),
    Decimal: ("decimal", str, Decimal),
    UUID: ("uuid", str, UUID),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode(), base64.b64decode),
}
_COLLECTIONS: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}
_READERS: dict[str, Callable[[Any], Any]] = {
    **{name: read for name, _, read in _TEXTS.values()},
    **{name: kind for kind, name in _COLLECTIONS.items()},
    "items": dict,
    "typed": lambda value: value,
}


def marked(value: object, enums: bool = False) -> tuple[object, list[Mark]]:
    """
    :param enums: whether the reader makes enumerations of their values
    :returns: what JSON holds of the value, and the marks, inner ones first
    :raises Unkeepable: for a type that is not known here"""
    marks: list[Mark] = []
    try:
        return _plain(value, [], marks, enums), marks
    except RecursionError:
        raise Unkeepable("it is nested too deeply") from None


def restored(plain: Any, marks: list[Mark]) -> Any:
    """:raises: where the marks do not fit"""
    root = [plain]
    for path, name in marks:
        holder: Any = root
        at: Any = 0
        for step in path:
            holder, at = holder[at], step
        holder[at] = _READERS[name](holder[at])
    return root[0]


def _plain(value: object, path: list[Any], marks: list[Mark], enums: bool) -> object:
    kind = type(value)
    if value is None or kind in (str, bool, int):
        return value
    if isinstance(value, float) and kind is float:
        if not math.isfinite(value):
            raise Unkeepable(f"it holds {value}")
        return value
    if isinstance(value, list) and kind is list:
        return [_plain(item, [*path, at], marks, enums) for at, item in enumerate(value)]
    if isinstance(value, dict) and kind is dict:
        if all(type(key) is str for key in value):
            return {key: _plain(item, [*path, key], marks, enums) for key, item in value.items()}
        items = [
            [_plain(key, [*path, at, 0], marks, enums), _plain(item, [*path, at, 1], marks, enums)]
            for at, (key, item) in enumerate(value.items())
        ]
        marks.append([path, "items"])
        return items
    if isinstance(value, tuple | set | frozenset) and kind in _COLLECTIONS:
        plain = [_plain(item, [*path, at], marks, enums) for at, item in enumerate(value)]
        marks.append([path, _COLLECTIONS[kind]])
        return plain
    if enums and isinstance(value, Enum):
        return _plain(value.value, path, marks, enums)
    if kind in _TEXTS:
        name, write, _ = _TEXTS[kind]
        marks.append([path, name])
        return write(value)
    raise Unkeepable(f"it holds a {kind.__name__}")

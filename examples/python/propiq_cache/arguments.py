"""What a cached value depends on: the arguments of the call, as parts of a key."""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from .annotations import annotations_of, signature_of
from .keys import structured

KeyOf = Callable[..., Sequence[object]]

_MAX_SAFE_INTEGER = 2**53 - 1
_TEXTS = (UUID, Decimal, timedelta)
_COLLECTIONS = (list, tuple, set, frozenset, dict)
_ABSTRACT = (collections.abc.Sequence, collections.abc.Set, collections.abc.Mapping, collections.abc.Iterable)
_KEYABLE = (str, int, float, bool, type(None), bytes, Enum, date, time, *_TEXTS, *_COLLECTIONS)


class Arguments:
    def __init__(self, fn: Callable[..., Any], key: KeyOf | None, ignore: Sequence[str], names: dict[str, Any]) -> None:
        """:raises TypeError: where an annotation says that no key can be made of an argument"""
        self._name = getattr(fn, "__qualname__", repr(fn))
        self._key = key
        parameters = list(signature_of(fn).parameters.values())
        self.is_method = _is_method(self._name, parameters)
        if self.is_method:
            del parameters[0]
        unknown = [name for name in ignore if name not in {parameter.name for parameter in parameters}]
        if unknown:
            raise TypeError(f"{self._name} has no argument {unknown[0]}, which `ignore` names")
        self._ignored = frozenset(ignore)
        self._signature = inspect.Signature(parameters)
        if key is None:
            self._check(annotations_of(fn, names))

    def of_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[object]:
        """The parts for a call of the function itself: of a method with its `self`."""
        return self.of(args[1:] if self.is_method else args, kwargs)

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[object]:
        """:raises TypeError: for arguments that do not fit, or that no key can be made of"""
        if self._key is not None:
            return self._key(*args, **kwargs)
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        parts: list[object] = []
        for name, value in bound.arguments.items():
            if name in self._ignored:
                continue
            kind = self._signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                parts += [self._part(name, each) for each in value]
            elif kind is not inspect.Parameter.VAR_KEYWORD or value:
                parts.append(self._part(name, value))
        return parts

    def _part(self, name: str, value: object) -> object:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            return value
        plain = _plain(value)
        if plain is _NONE:
            raise TypeError(_advice(self._name, name, kind.__name__))
        try:
            return structured(plain) if isinstance(plain, list | dict) else plain
        except (TypeError, ValueError):
            raise TypeError(_advice(self._name, name, kind.__name__)) from None

    def _check(self, annotations: dict[str, Any]) -> None:
        for name in self._signature.parameters:
            annotation = annotations.get(name, Any)
            if name not in self._ignored and not _keyable(annotation):
                shown = getattr(annotation, "__name__", None) or str(annotation)
                raise TypeError(_advice(self._name, name, shown))


_NONE: Any = object()


def _plain(value: object) -> Any:
    """:returns: texts, numbers, lists and dicts; `_NONE` for what none of those can stand for"""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value) if abs(value) <= _MAX_SAFE_INTEGER else str(int(value))
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _MAX_SAFE_INTEGER else repr(float(value))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, _TEXTS):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(each) for each in value), key=repr)
    if isinstance(value, dict):
        return [[_plain(key), _plain(each)] for key, each in sorted(value.items(), key=repr)]
    return _NONE


def _keyable(annotation: Any) -> bool:
    """Whether values of this annotation can be parts of a key; True where only the value knows."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _keyable(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return all(map(_keyable, typing.get_args(annotation)))
    if origin is not None:
        fine = not isinstance(origin, type) or issubclass(origin, (*_COLLECTIONS, *_ABSTRACT))
        inner = [each for each in typing.get_args(annotation) if each is not Ellipsis]
        return fine and all(map(_keyable, inner))
    if hasattr(annotation, "__supertype__"):
        return _keyable(annotation.__supertype__)
    if not isinstance(annotation, type) or annotation in (Any, object):
        return True
    return issubclass(annotation, _KEYABLE) or annotation in _ABSTRACT


def _is_method(qualname: str, parameters: Sequence[inspect.Parameter]) -> bool:
    first = parameters[0].name if parameters else ""
    owner = qualname.split(".")[-2:-1]
    return first in ("self", "cls") and owner not in ([], ["<locals>"])


def _advice(function: str, argument: str, kind: str) -> str:
    return (
        f"{function}: no key can be made of the argument {argument} ({kind}). If the value does not depend on it, "
        f'leave it out with ignore=("{argument}",). Else say with `key` what the value depends on.'
    )

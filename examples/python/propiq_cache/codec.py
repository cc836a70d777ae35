"""Values to JSON and back, so that a hit gives the same as the call that filled the cache."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .annotations import UNKNOWN
from .envelope import Content
from .marks import TYPED, Unkeepable, marked, restored

try:
    import pydantic
except ImportError:
    pydantic = None  # type: ignore[assignment]


class Codec:
    """Of one function: its return annotation says what is returned."""

    def __init__(self, annotation: Any = UNKNOWN) -> None:
        self._adapter = _adapter_of(annotation)

    def keep(self, value: object) -> Content:
        """:raises Unkeepable: where a hit would not give the same"""
        if self._adapter is not None:
            content = self._adapter.keep(value) or self._adapter.keep_marked(value)
            if content is not None:
                return content
        try:
            plain, marks = marked(value)
        except Unkeepable as error:
            raise Unkeepable(f"{error}{_hint(self._adapter)}") from None
        return Content(_json(plain), marks if marks or self._adapter is not None else None)

    def give(self, content: Content) -> Any:
        """A new copy for each caller, who may change it.

        :raises: where the stored text is not such a value"""
        if content.marks is None and self._adapter is not None:
            return self._adapter.give(content.text)
        plain = json.loads(content.text)
        if content.marks is None:
            return plain
        value = restored(plain, content.marks)
        return self._adapter.give_marked(value) if self._adapter is not None and TYPED in content.marks else value


class _Adapter:
    """Pydantic's `TypeAdapter`, and the proof that a value survives it."""

    def __init__(self, annotation: Any) -> None:
        bytes_too = pydantic.ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
        try:
            self._type: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(annotation, config=bytes_too)
        except pydantic.PydanticUserError:
            # Models have a configuration of their own.
            self._type = pydantic.TypeAdapter(annotation)

    def keep(self, value: object) -> Content | None:
        try:
            text = self._type.dump_json(value, by_alias=False, round_trip=True, warnings="error")
            back = self.give(text)
            same = type(back) is type(value) and self._is_same(text, back, value)
        except Exception:
            return None
        return Content(text) if same else None

    def keep_marked(self, value: object) -> Content | None:
        """For what Pydantic's JSON does not hold, as a model with bytes that are not UTF-8."""
        try:
            data = self._type.dump_python(value, by_alias=False, round_trip=True, warnings="error")
            plain, marks = marked(data, enums=True)
            back = self.give_marked(restored(json.loads(_json(plain)), marks))
            same = type(back) is type(value) and _equal(back, value)
        except Exception:
            return None
        return Content(_json(plain), [*marks, TYPED]) if same else None

    def give(self, text: bytes) -> Any:
        return self._type.validate_json(text, by_alias=False, by_name=True)

    def give_marked(self, value: object) -> Any:
        return self._type.validate_python(value, by_alias=False, by_name=True)

    def _is_same(self, text: bytes, back: object, value: object) -> bool:
        # Objects of a class without `==` are equal to themselves alone.
        if _equal(back, self.give(text)):
            return _equal(back, value)
        return self._all(back) == self._all(value)

    def _all(self, value: object) -> bytes:
        """With what subclasses add, which the annotation does not show."""
        return self._type.dump_json(value, by_alias=False, round_trip=True, serialize_as_any=True)


def keep_direct(value: object) -> Content:
    """Of a value that comes without an annotation.

    :raises Unkeepable: for a value that JSON does not hold"""
    try:
        plain, marks = marked(value)
        return Content(_json(plain), marks or None)
    except Unkeepable:
        if pydantic is None:
            raise
    try:
        # Models, dataclasses, enumerations: what JSON keeps of them.
        return Content(pydantic.TypeAdapter(Any).dump_json(value, by_alias=False, round_trip=True))
    except Exception as error:
        raise Unkeepable("JSON does not hold it") from error


def typed_reader(annotation: Any) -> Callable[[bytes], Any]:
    """:raises TypeError: without Pydantic"""
    if pydantic is None:
        raise TypeError("reading a value as a type needs Pydantic")
    return _Adapter(annotation).give


def _adapter_of(annotation: Any) -> _Adapter | None:
    if pydantic is None or annotation in (UNKNOWN, Any, object):
        return None
    try:
        return _Adapter(annotation)
    except Exception:
        return None


def _equal(one: object, other: object) -> bool:
    try:
        return bool(one == other)
    except Exception:
        return False


def _json(plain: object) -> bytes:
    try:
        return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        # Lone surrogates have no UTF-8; JSON can write them all the same.
        return json.dumps(plain, allow_nan=False, separators=(",", ":")).encode()


def _hint(adapter: _Adapter | None) -> str:
    if pydantic is None:
        return "; with Pydantic and a return annotation it can be kept"
    return (
        "; with a return annotation it can be kept"
        if adapter is None
        else "; its return annotation does not describe it"
    )

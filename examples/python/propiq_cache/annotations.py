"""The annotations of a function, also where some of them cannot be resolved at run time."""

from __future__ import annotations

import inspect
import sys
import typing
from collections.abc import Callable
from typing import Any

UNKNOWN: Any = object()
"""In place of an annotation that is missing or cannot be resolved."""

if sys.version_info >= (3, 14):
    import annotationlib

    def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
        return inspect.signature(fn, annotation_format=annotationlib.Format.FORWARDREF)

    def _written(fn: Callable[..., Any]) -> dict[str, Any]:
        return annotationlib.get_annotations(fn, format=annotationlib.Format.FORWARDREF)

else:

    def signature_of(fn: Callable[..., Any]) -> inspect.Signature:
        return inspect.signature(fn)

    def _written(fn: Callable[..., Any]) -> dict[str, Any]:
        return inspect.get_annotations(fn)


def annotations_of(fn: Callable[..., Any], names: dict[str, Any]) -> dict[str, Any]:
    """
    :param names: of where the function was decorated, for classes that are defined there
    :returns: by parameter, and `return`; without those that cannot be resolved
    """
    try:
        return typing.get_type_hints(fn, localns=names or None, include_extras=True)
    except Exception:
        pass
    try:
        written = _written(fn)
    except Exception:
        return {}
    scope = {**getattr(fn, "__globals__", {}), **names}
    resolved = {name: _resolved(each, scope) for name, each in written.items()}
    return {name: each for name, each in resolved.items() if each is not UNKNOWN}


def _resolved(annotation: Any, scope: dict[str, Any]) -> Any:
    if isinstance(annotation, typing.ForwardRef):
        return UNKNOWN
    if not isinstance(annotation, str):
        return annotation
    try:
        # As typing.get_type_hints does: the text is the function's own source.
        return eval(annotation, scope)
    except Exception:
        return UNKNOWN

"""What is done with Redis, written once: generators that yield commands and get replies.

`Link.run` carries them out in a thread, `Link.run_in_loop` in an event loop.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from .wire import Command, Reply

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Ask:
    commands: Sequence[Command]
    limit_ms: float | None = None
    """As an exception from the usual."""


Steps: TypeAlias = Generator[Ask, "list[Reply]", Result]

"""Redis' protocol (RESP2): commands to bytes, bytes to replies. No I/O, so that threads and event loops share it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from typing import Final, TypeAlias

Command: TypeAlias = tuple["bytes | str | int", ...]
Reply: TypeAlias = "bytes | int | Refused | list[Reply] | None"


class Unavailable(Exception):
    """There is no answer, or none in time. The caller continues without the cache."""


class Waited(Unavailable):
    """The caller has waited as long as the limit allows."""


class Late(Waited):
    """Redis did not answer within the limit."""


class Garbage(Exception):
    """Bytes that are not a reply of Redis."""


class Refused(Exception):
    """An error that Redis replied with."""

    @property
    def code(self) -> str:
        match = re.match(r"[A-Z]{2,20}\b", str(self))
        return match[0] if match else "ERR"


_NOTHING: Final = object()
"""Marks a reply that has not arrived completely."""
_LONGEST_LINE = 64 * 1024


def pack(commands: Sequence[Command]) -> bytes:
    pieces: list[bytes] = []
    for command in commands:
        pieces.append(b"*%d\r\n" % len(command))
        for argument in command:
            raw = argument if isinstance(argument, bytes) else str(argument).encode("utf-8", "surrogatepass")
            pieces.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(pieces)


class Replies:
    """Takes bytes as they arrive and returns complete replies in order."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def take(self) -> list[Reply]:
        """:raises Garbage: for bytes that are not RESP"""
        replies: list[Reply] = []
        position = 0
        while position < len(self._buffer):
            reply, end = self._parse(position)
            if reply is _NOTHING:
                break
            replies.append(reply)  # type: ignore[arg-type]
            position = end
        del self._buffer[:position]
        return replies

    def _parse(self, start: int) -> tuple[object, int]:
        buffer = self._buffer
        end = buffer.find(b"\r\n", start)
        if end < 0:
            if buffer[start] not in b"+-:$*" or len(buffer) - start > _LONGEST_LINE:
                raise Garbage
            return _NOTHING, start
        kind, text, after = buffer[start], bytes(buffer[start + 1 : end]), end + 2
        if kind == 0x2B:  # +
            return text, after
        if kind == 0x2D:  # -
            return Refused(text.decode("utf-8", "replace")), after
        if kind not in b":$*" or not re.fullmatch(rb"-?[0-9]{1,19}", text):
            raise Garbage
        number = int(text)
        if kind == 0x3A:  # :
            return number, after
        if number < 0:
            return None, after
        if kind == 0x24:  # $
            last = after + number
            return (_NOTHING, start) if len(buffer) < last + 2 else (bytes(buffer[after:last]), last + 2)
        items: list[object] = []
        for _ in range(number):
            if after >= len(buffer):
                return _NOTHING, start
            item, after = self._parse(after)
            if item is _NOTHING:
                return _NOTHING, start
            items.append(item)
        return items, after


def in_words(error: BaseException) -> str:
    """For the health document, which anyone may read: codes, no addresses and no foreign texts."""
    if isinstance(error, Late | TimeoutError):
        return "Redis does not answer in time"
    if isinstance(error, Garbage):
        return "what answers is not Redis"
    if isinstance(error, Refused):
        quota = re.search("limit exceeded|quota", str(error), re.IGNORECASE)
        return "Redis' quota is used up" if quota else f"Redis answers {error.code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate of Redis is not trusted"
    return "Redis cannot be reached"

"""Values in Redis: reading, writing and forgetting them, as steps for threads and event loops alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .distance import FARTHEST_LIMIT_MS
from .envelope import Opened, Sealed, open_sealed
from .keys import plain_of
from .lost import Pattern
from .patterns import fits, scan_pattern
from .steps import Ask, Steps
from .wire import Command, Garbage, Waited

LARGEST_VALUE = 1_000_000
"""Values are not cached beyond so many bytes: sending them would hold up all others."""
_SCAN_COUNT = 1000


@dataclass(frozen=True)
class ServerStats:
    keys: int | None = None
    memory_used_bytes: int | None = None
    memory_used: str | None = None


class Store:
    def __init__(self, prefix: str, versions: dict[str, int]) -> None:
        """:param versions: of the values, by namespace; 1 where there is none"""
        self._prefix = prefix
        self._versions = versions

    def read(self, plain: str) -> Steps[Opened | None]:
        """Whatever Redis has against it is a miss.

        :raises Waited: where the time to wait for Redis is used up
        :raises Mixed: for a reply that belongs to another question"""
        try:
            [text] = yield Ask([("GET", self._key(plain, self._version_of(plain)))])
        except Waited:
            raise
        except Exception:
            return None
        return open_sealed(plain, text) if isinstance(text, bytes) else None

    def write(self, plain: str, sealed: Sealed) -> Steps[bool]:
        """:returns: whether it is stored now"""
        if len(sealed.text) > LARGEST_VALUE:
            return False
        key = self._key(plain, self._version_of(plain))
        try:
            yield Ask([("SET", key, sealed.text, "PX", sealed.expires_ms)])
        except Exception:
            return False
        return True

    def remove(self, pattern: Pattern) -> Steps[None]:
        """:raises: what Redis says against it"""
        if pattern.exact:
            yield Ask(_unlink(self._keys_of(pattern.text)))
            return
        matches, wanted = fits(pattern.text), scan_pattern(self._prefix, pattern.text)
        cursor = b"0"
        while True:
            scan: Command = ("SCAN", cursor, "MATCH", wanted, "COUNT", _SCAN_COUNT)
            [reply] = yield Ask([scan], FARTHEST_LIMIT_MS)
            match reply:
                case [bytes() as cursor, list() as keys]:
                    names = [key.decode(errors="replace") for key in keys if isinstance(key, bytes)]
                case _:
                    raise Garbage
            found = [name for name in names if matches(plain_of(self._prefix, name))]
            if found:
                yield Ask(_unlink(found), FARTHEST_LIMIT_MS)
            if cursor == b"0":
                return

    def stats(self) -> Steps[ServerStats]:
        """What Redis says of itself; providers leave out this and that."""
        try:
            keys, info = yield Ask([("DBSIZE",), ("INFO", "memory")])
        except Exception:
            return ServerStats()
        text = info.decode(errors="replace") if isinstance(info, bytes) else ""
        used = re.search(r"^used_memory:(\d+)\r?$", text, re.MULTILINE)
        shown = re.search(r"^used_memory_human:([\w.]{1,20})\r?$", text, re.MULTILINE)
        return ServerStats(
            keys if isinstance(keys, int) else None,
            int(used[1]) if used else None,
            shown[1] if shown else None,
        )

    def _key(self, plain: str, version: int) -> str:
        return f"{self._prefix}:v{version}:{plain}"

    def _keys_of(self, plain: str) -> list[str]:
        """Also in the versions beside it, which other instances read while a new version is being rolled out."""
        version = self._version_of(plain)
        return [self._key(plain, each) for each in (version, version - 1, version + 1) if each > 0]

    def _version_of(self, plain: str) -> int:
        """Of the innermost namespace that the name lies in."""
        namespace = plain
        while ":" in namespace:
            namespace = namespace.rpartition(":")[0]
            if namespace in self._versions:
                return self._versions[namespace]
        return 1


def _unlink(keys: Sequence[str]) -> list[Command]:
    # One command for each key: together they might belong to several nodes of a cluster.
    return [("UNLINK", key) for key in keys]

"""The settings that say where the cache is and how long values live: all that the kit reads of the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urlsplit

DEFAULT_TTL = {"short": 60, "medium": 300, "long": 3600, "day": 86_400}
DEFAULT_PREFIX = "propiq"
_PREFIX = re.compile(r"[a-z0-9-]{1,32}")
_OFF = re.compile(r"(?:false|0|no)", re.I)
_ON = re.compile(r"(?:true|1|yes)", re.I)
_SHAPE = "REDIS_URL must be like rediss://:password@host:6380/0, its password percent-encoded"


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    db: int
    tls: bool
    """Its certificate is verified, always."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Settings:
    enabled: bool
    server: Server | None
    """None where the cache is off, or where `problem` says why there is none to use."""
    problem: str | None
    """Names keys, never values."""
    ttl: Mapping[str, int]
    """Seconds, by tier."""
    fingerprint: str | None
    prefix: str = DEFAULT_PREFIX
    """Begins every key, so that several apps and stacks can share a Redis."""
    ttl_functions: Mapping[str, int] = field(default_factory=dict)
    """Seconds, by namespace: what an operator has chosen in place of the lifetime in the code."""
    notes: tuple[str, ...] = ()
    """Settings that are ignored, and why."""


def read_settings(env: Mapping[str, str]) -> Settings:
    """Never raises: with settings that are not valid the app runs without a cache, and says so."""
    server, problem = None, None
    enabled = not _OFF.fullmatch(_given(env, "REDIS_ENABLED") or "true")
    prefix = _given(env, "CACHE_PREFIX") or DEFAULT_PREFIX
    ttl_functions, notes = _ttl_functions_of(env)
    try:
        if enabled:
            server = _server_of(env)
            if not _PREFIX.fullmatch(prefix):
                server = None
                raise ValueError("CACHE_PREFIX must be 1 to 32 characters of a-z, 0-9 and -")
    except ValueError as error:
        problem = str(error)
    return Settings(
        enabled=enabled,
        server=server,
        problem=problem,
        ttl=_ttl_of(env),
        fingerprint=_given(env, "PROPIQ_CACHE_FINGERPRINT"),
        prefix=prefix,
        ttl_functions=ttl_functions,
        notes=notes,
    )


def _server_of(env: Mapping[str, str]) -> Server:
    if not _ON.fullmatch(_given(env, "REDIS_ENABLED") or "true"):
        raise ValueError("REDIS_ENABLED must be true or false")
    # As it is: blanks at its ends may belong to it.
    password = env.get("REDIS_PASSWORD") or None
    username = _given(env, "REDIS_USERNAME") if password else None
    url = _given(env, "REDIS_URL")
    if url is not None:
        return _parse_url(url, username, password)
    host = _given(env, "REDIS_HOST")
    if host is None:
        raise ValueError("neither REDIS_URL nor REDIS_HOST is set")
    tls = _given(env, "REDIS_TLS") or "false"
    if not _ON.fullmatch(tls) and not _OFF.fullmatch(tls):
        raise ValueError("REDIS_TLS must be true or false")
    return Server(
        host=host,
        port=_whole(env, "REDIS_PORT", 1, 65_535, 6379),
        db=_whole(env, "REDIS_DB", 0, 99_999, 0),
        tls=_ON.fullmatch(tls) is not None,
        username=username,
        password=password,
    )


def _parse_url(text: str, username: str | None, password: str | None) -> Server:
    """:param username: of the sign-in beside the URL, used where the URL has no password"""
    scheme = re.match(r"(rediss?)://(?=[^/?#])", text, re.I)
    if scheme is None:
        raise ValueError("REDIS_URL must start with redis:// or rediss://")
    try:
        url = urlsplit(text)
        host, port = url.hostname, 6379 if url.port is None else url.port
        db = re.fullmatch(r"/?([0-9]{0,5})", url.path)
        own_username, own_password = _decoded(url.username), _decoded(url.password)
    except ValueError:
        # What urlsplit says repeats the text, and the text may hold a password.
        raise ValueError(_SHAPE) from None
    if not host or db is None or re.search(r"[\s\\]", text):
        raise ValueError(_SHAPE)
    return Server(
        host=host,
        port=port,
        db=int(db[1] or 0),
        tls=scheme[1].lower() == "rediss",
        username=own_username or (None if own_password else username),
        password=own_password or password,
    )


def _decoded(text: str | None) -> str | None:
    """:raises ValueError: where a % starts no code, or the bytes are not UTF-8"""
    if not text:
        return None
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise ValueError
    return unquote_to_bytes(text).decode()


def _ttl_of(env: Mapping[str, str]) -> dict[str, int]:
    given = {tier: _given(env, f"CACHE_TTL_{tier.upper()}") or "" for tier in DEFAULT_TTL}
    return {
        tier: int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else DEFAULT_TTL[tier] for tier, text in given.items()
    }


def _ttl_functions_of(env: Mapping[str, str]) -> tuple[dict[str, int], tuple[str, ...]]:
    text = _given(env, "CACHE_TTL_FUNCTIONS")
    if text is None:
        return {}, ()
    try:
        read = json.loads(text)
        if not isinstance(read, dict):
            raise ValueError
    except (ValueError, RecursionError):
        return {}, ('CACHE_TTL_FUNCTIONS is ignored: it must be JSON like {"user:profile": 1800}',)
    fine = {name: seconds for name, seconds in read.items() if _is_seconds(seconds)}
    ignored = len(read) - len(fine)
    notes = (f"CACHE_TTL_FUNCTIONS: {ignored} of {len(read)} ignored: seconds must be whole and above 0",)
    return fine, notes if ignored else ()


def _is_seconds(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000_000


def _given(env: Mapping[str, str], name: str) -> str | None:
    return (env.get(name) or "").strip() or None


def _whole(env: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    text = _given(env, name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}")
    return int(text)

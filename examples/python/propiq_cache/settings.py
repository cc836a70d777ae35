"""The settings that say where the cache is and how long values live: all that the kit reads of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes, urlsplit

DEFAULT_TTL = {"short": 60, "medium": 300, "long": 3600, "day": 86_400}
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


def read_settings(env: Mapping[str, str]) -> Settings:
    """Never raises: with settings that make no sense the app runs without a cache, and says so."""
    common = {"ttl": _ttl_of(env), "fingerprint": _given(env, "PROPIQ_CACHE_FINGERPRINT")}
    if _OFF.fullmatch(_given(env, "REDIS_ENABLED") or "true"):
        return Settings(enabled=False, server=None, problem=None, **common)
    try:
        return Settings(enabled=True, server=_server_of(env), problem=None, **common)
    except ValueError as error:
        return Settings(enabled=True, server=None, problem=str(error), **common)


def _server_of(env: Mapping[str, str]) -> Server:
    if not _ON.fullmatch(_given(env, "REDIS_ENABLED") or "true"):
        raise ValueError("REDIS_ENABLED must be true or false")
    # As it is: blanks at its ends may belong to it.
    password = env.get("REDIS_PASSWORD") or None
    url = _given(env, "REDIS_URL")
    if url is not None:
        return _parse_url(url, password)
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
        password=password,
    )


def _parse_url(text: str, password: str | None) -> Server:
    scheme = re.match(r"(rediss?)://(?=[^/?#])", text, re.I)
    if scheme is None:
        raise ValueError("REDIS_URL must start with redis:// or rediss://")
    try:
        url = urlsplit(text)
        host, port = url.hostname, 6379 if url.port is None else url.port
        db = re.fullmatch(r"/?([0-9]{0,5})", url.path)
        username, own_password = _decoded(url.username), _decoded(url.password)
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
        username=username,
        password=own_password or password,
    )


def _decoded(text: str | None) -> str | None:
    """:raises ValueError: where a % begins no code, or the bytes are no UTF-8"""
    if not text:
        return None
    if re.search(r"%(?![0-9a-fA-F]{2})", text):
        raise ValueError
    return unquote_to_bytes(text).decode()


def _ttl_of(env: Mapping[str, str]) -> dict[str, int]:
    given = {tier: _given(env, f"CACHE_TTL_{tier.upper()}") or "" for tier in DEFAULT_TTL}
    return {
        tier: int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text) else DEFAULT_TTL[tier]
        for tier, text in given.items()
    }


def _given(env: Mapping[str, str], name: str) -> str | None:
    return (env.get(name) or "").strip() or None


def _whole(env: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    text = _given(env, name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}")
    return int(text)

"""The counts as OpenMetrics, for a monitoring system to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_FAMILIES = (
    ("hits", "counter", "hits", "Calls answered from the cache."),
    ("misses", "counter", "misses", "Calls for which the cache had no value."),
    ("loads", "counter", "loads", "Times the function was called for a value."),
    ("load_errors", "counter", "errors", "Loads that failed."),
    ("reloads", "counter", "reloads", "Loads of a value that had been loaded before."),
    ("unchanged_reloads", "counter", "unchangedReloads", "Reloads that gave the same value as before."),
    ("graced", "counter", "graced", "Calls answered with the last good value, beyond its lifetime."),
    ("saved_seconds", "counter", "savedSeconds", "Time that the function would have taken for the hits."),
    ("load_mean_seconds", "gauge", "loadMsMean", "Mean time of a load."),
    ("load_max_seconds", "gauge", "loadMsMax", "Longest time of a load."),
    ("memory_bytes", "gauge", "memoryBytes", "Values that this process stored and that have not expired."),
    ("ttl_seconds", "gauge", "ttlSeconds", "Lifetime of the values."),
)
_PREFIX = "propiq_cache"


def openmetrics(connected: bool, functions: Sequence[dict[str, Any]]) -> str:
    """:param functions: as in the health document"""
    lines = [
        f"# TYPE {_PREFIX}_connected gauge",
        f"# HELP {_PREFIX}_connected Whether the cache is in use.",
        f"{_PREFIX}_connected {int(connected)}",
    ]
    for name, kind, field, text in _FAMILIES:
        family = f"{_PREFIX}_{name}"
        lines.append(f"# TYPE {family} {kind}")
        unit = name.rpartition("_")[2]
        if unit in ("seconds", "bytes"):
            lines.append(f"# UNIT {family} {unit}")
        lines.append(f"# HELP {family} {text}")
        for entry in functions:
            value = entry.get(field)
            if value is not None:
                sample = f"{family}_total" if kind == "counter" else family
                shown = round(value / 1000, 6) if "Ms" in field else value
                lines.append(f'{sample}{{namespace="{entry["namespace"]}"}} {shown}')
    return "\n".join([*lines, "# EOF", ""])

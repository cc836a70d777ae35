"""How far Redis is, and how long a request may wait for it."""

from __future__ import annotations

NEAR_LIMIT_MS = 20.0
FARTHEST_LIMIT_MS = 100.0
_ROUND_TRIPS = 3


class Distance:
    def __init__(self, fixed_limit_ms: float | None) -> None:
        """:param fixed_limit_ms: what the app has chosen, in place of what fits the distance"""
        self._fixed = fixed_limit_ms
        self.round_trip_ms: float | None = None
        """The shortest one seen at a connect: it does not rise because Redis became slow."""

    def saw(self, round_trip_ms: float) -> None:
        known = self.round_trip_ms
        self.round_trip_ms = round_trip_ms if known is None else min(known, round_trip_ms)

    @property
    def limit_ms(self) -> float:
        if self._fixed is not None:
            return self._fixed
        fitting = _ROUND_TRIPS * (self.round_trip_ms or 0)
        return min(FARTHEST_LIMIT_MS, max(NEAR_LIMIT_MS, fitting))

    def too_far_for(self, load_ms: float | None) -> str | None:
        """:param load_ms: what the cached function takes; None while that is unknown
        :returns: why the cache is not worth a look-up, if it is not"""
        limit = self.limit_ms
        if self._fixed is not None or limit <= NEAR_LIMIT_MS or load_ms is None or load_ms > limit:
            return None
        return (
            f"not cached: it takes {load_ms:.0f} ms, and Redis is {self.round_trip_ms:.0f} ms away "
            f"(a look-up may take {limit:.0f} ms)"
        )

    def document(self) -> dict[str, float]:
        known = {} if self.round_trip_ms is None else {"roundTripMs": round(self.round_trip_ms, 1)}
        return {**known, "limitMs": round(self.limit_ms, 1)}

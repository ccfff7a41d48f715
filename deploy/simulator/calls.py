"""Counts of the calls to the portal, for tests of its clients."""

from __future__ import annotations

from collections import Counter


class Calls:
    """Counts calls by path and status, and remembers when each came (seconds of a monotonic clock)."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin again."""
        self.by_path: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.by_fault: Counter[str] = Counter()
        self.rows = 0
        self.arrivals: list[float] = []

    def arrived(self, now: float, path: str) -> None:
        """A call came in."""
        self.by_path[path] += 1
        self.arrivals.append(now)

    def peak(self, seconds: float) -> int:
        """The most calls within any window of this length."""
        best = start = 0
        for end, arrival in enumerate(self.arrivals):
            while self.arrivals[start] <= arrival - seconds:
                start += 1
            best = max(best, end - start + 1)
        return best

    def per_minute(self) -> list[int]:
        """Calls in each minute since the first one."""
        if not self.arrivals:
            return []
        counts = Counter(int((arrival - self.arrivals[0]) // 60) for arrival in self.arrivals)
        return [counts[minute] for minute in range(max(counts) + 1)]

    def report(self) -> dict[str, object]:
        """As JSON."""
        return {
            "total": len(self.arrivals),
            "by_path": dict(self.by_path),
            "by_status": dict(self.by_status),
            "by_fault": dict(self.by_fault),
            "rows": self.rows,
            "peak_per_second": self.peak(1),
            "per_minute": self.per_minute(),
        }

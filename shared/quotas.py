"""What callers may use of something that is bounded, as the headers `RateLimit-Policy` and `RateLimit` say it.

They follow draft-ietf-httpapi-ratelimit-headers-11. A route without a bound of its own says nothing; one whose bound was
reached says so in its refusal, with `Retry-After`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Quota(NamedTuple):
    """A bound and what it counts."""

    name: str
    limit: int
    unit: Literal["requests", "content-bytes", "concurrent-requests"] = "concurrent-requests"

    def headers(self, left: int) -> dict[str, str]:
        """The bound, and how much is left of it."""
        policy = f'"{self.name}";q={self.limit};qu="{self.unit}"'
        return {"RateLimit-Policy": policy, "RateLimit": f'"{self.name}";r={left}'}

    def refusal(self, seconds: int) -> dict[str, str]:
        """The headers of a refusal: nothing is left, and something may be in so many seconds."""
        headers = self.headers(0)
        return {**headers, "RateLimit": f"{headers['RateLimit']};t={seconds}", "Retry-After": str(seconds)}

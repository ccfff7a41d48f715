"""Limits on what callers may use, as the headers `RateLimit-Policy` and `RateLimit` state them.

They follow draft-ietf-httpapi-ratelimit-headers-11. Only routes with a limit send them, and refusals when a limit was reached,
with `Retry-After`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Quota(NamedTuple):
    """A limit and the unit that it counts."""

    name: str
    limit: int
    unit: Literal["requests", "content-bytes", "concurrent-requests"] = "concurrent-requests"

    def headers(self, left: int) -> dict[str, str]:
        """The headers with the limit and what is left of it."""
        policy = f'"{self.name}";q={self.limit};qu="{self.unit}"'
        return {"RateLimit-Policy": policy, "RateLimit": f'"{self.name}";r={left}'}

    def refusal(self, seconds: int) -> dict[str, str]:
        """The headers of a refusal: nothing is left; try again after `seconds`."""
        headers = self.headers(0)
        return {**headers, "RateLimit": f"{headers['RateLimit']};t={seconds}", "Retry-After": str(seconds)}

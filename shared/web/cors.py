"""Which pages of other origins may call an API from a browser (the Fetch standard's CORS protocol).

Keys travel in headers that a page's script sets, never in cookies: credentials in the sense of CORS are not allowed, so a page
reaches no further than the key that it was given.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from shared.errors import Guidance, Malformed
from shared.languages import bilingual
from shared.web.problems import problem_response

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "X-API-Key", "Content-Type", "If-None-Match", "Idempotency-Key", "X-Correlation-Id")
"""Headers of requests that a page may set, beside those that every page may."""
EXPOSED = (
    "ETag",
    "X-Correlation-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Location",
    "Content-Disposition",
    "Figures-Complete",
    "Figures-Incomplete",
    "Figures-Doubtful",
    "Link",
    "Deprecation",
    "Sunset",
)
"""Headers of answers that a page may read, beside those that every page may."""
PREFLIGHT_SECONDS = 600
"""For how long a browser need not ask again."""


class PreflightRefused(Malformed):
    """A browser asked whether a page may send a request, and it may not."""

    type = "preflight-refused"
    title = "The page may not send this request"
    guidance = Guidance(
        "Ask the operator to list the page's origin in `CORS_ORIGINS`, or send a method and headers that are allowed.",
        "Trang web không được gửi yêu cầu này",
        "Trình duyệt hỏi trước liệu trang web được gửi yêu cầu, và trang web không được phép.",
        "Đề nghị người vận hành thêm origin của trang vào `CORS_ORIGINS`, hoặc chỉ dùng phương thức, tiêu đề được phép.",
    )


class _Cors(CORSMiddleware):
    def preflight_response(self, request_headers: Headers) -> Response:
        """As Starlette's, with a problem document in place of a refusal in plain text."""
        response = super().preflight_response(request_headers)
        if response.status_code != 400:
            return response
        # Starlette names what it refuses: "Disallowed CORS origin, method, headers".
        what = bytes(response.body).decode().removeprefix("Disallowed CORS ")
        problem = PreflightRefused(
            bilingual(
                "A page of {origin} may not send this request: its {what} is not allowed. See `CORS_ORIGINS` of the service.",
                "Trang của {origin} không được gửi yêu cầu này: {what} không được phép. Xem `CORS_ORIGINS` của dịch vụ.",
                origin=request_headers.get("origin", "?")[:200],
                what=what,
            )
        )
        refusal = problem_response(problem, {"headers": request_headers.raw})
        refusal.headers.update({name: value for name, value in response.headers.items() if name.startswith("access-control-")})
        refusal.headers["Vary"] = "Origin, Accept-Language"
        return refusal


def with_cors(app: Any, origins: Collection[str]) -> Any:
    """`app` for pages of these origins too: preflights are answered before it, and its answers say who may read them."""
    if not origins:
        return app
    return _Cors(
        app,
        allow_origins=tuple(origins),
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=EXPOSED,
        max_age=PREFLIGHT_SECONDS,
    )

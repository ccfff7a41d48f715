"""A client of the services' APIs that retries while a service is away."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

T = TypeVar("T")
C = TypeVar("C")

_PATIENCE = 60.0
"""Seconds for which a service may be away."""


class JourneyError(Exception):
    """The journey cannot go on; the message is one sentence."""


class Client:
    """Calls one service with the operator's key. Raises `JourneyError` when a call is refused or the service stays away."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def get(self, path: str, kind: type[T], **params: str) -> T:
        return msgspec.json.decode(self._request("GET", path, params=params).content, type=kind)

    def find(self, path: str, kind: type[T], **params: str) -> T | None:
        """Like `get`; None for 404."""
        response = self._request("GET", path, params=params, accepted=(404,))
        return None if response.status_code == 404 else msgspec.json.decode(response.content, type=kind)

    def when_ready(self, path: str, kind: type[T], **params: str) -> T:
        """Like `get`; a 409 says that it is not ready, and is asked again."""
        deadline = time.monotonic() + _PATIENCE
        while (response := self._request("GET", path, params=params, accepted=(409,))).status_code == 409:
            if time.monotonic() > deadline:
                raise JourneyError(f"GET {response.url} is not ready after {_PATIENCE:.0f} s: {response.text[:500]}")
            time.sleep(0.2)
        return msgspec.json.decode(response.content, type=kind)

    def put(self, path: str, body: object) -> None:
        self._request("PUT", path, body=msgspec.json.encode(body))

    def patch(self, path: str, body: object) -> None:
        self._request("PATCH", path, body=msgspec.json.encode(body))

    def trigger(self, path: str) -> None:
        """POST without a body; the response is not read."""
        self._request("POST", path)

    def post(self, path: str, body: object, kind: type[T]) -> T:
        return msgspec.json.decode(self._request("POST", path, body=msgspec.json.encode(body)).content, type=kind)

    def post_or_conflict(self, path: str, body: object, kind: type[T], conflict: type[C]) -> T | C:
        """Like `post`; a 409 is decoded as `conflict`."""
        response = self._request("POST", path, accepted=(409,), body=msgspec.json.encode(body))
        if response.status_code == 409:
            return msgspec.json.decode(response.content, type=conflict)
        return msgspec.json.decode(response.content, type=kind)

    def upload(self, path: str, content: bytes, kind: type[T]) -> T:
        """POST of a file."""
        media = "application/octet-stream"
        return msgspec.json.decode(self._request("POST", path, body=content, media=media).content, type=kind)

    def file(self, path: str) -> bytes:
        return self._request("GET", path).content

    def find_file(self, path: str) -> bytes | None:
        """Like `file`; None for 404."""
        response = self._request("GET", path, accepted=(404,))
        return None if response.status_code == 404 else response.content

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        media: str = "application/json",
        accepted: tuple[int, ...] = (),
    ) -> httpx.Response:
        # A person who edits sends the ETag of what was read; the journey is the only one who edits here.
        headers = None if body is None else {"Content-Type": media, "If-Match": "*"}
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                response = self._http.request(method, path, params=params, content=body, headers=headers)
            except httpx.TransportError as error:
                reason = f"{type(error).__name__}"
            else:
                if response.is_success or response.status_code in accepted:
                    return response
                reason = f"{response.status_code}: {response.text[:500]}"
                if response.status_code < 500:
                    raise JourneyError(f"{method} {response.url} was refused with {reason}")
            if time.monotonic() > deadline:
                raise JourneyError(f"{method} {self._http.base_url}{path} fails for {_PATIENCE:.0f} s with {reason}")
            time.sleep(0.1)

"""Limits the requests that a process works on at a time; more are refused before they cost anything.

Nobody takes the room of others: a key has at most its share, and a body that is still arriving holds no room among those that
are worked on. Files, which are worked on while they arrive, have places apart, of which a key has at most half. So has who is
not known yet; the newest of them takes the place of whoever has been sending longest.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from shared.access.principals import Principal
from shared.errors import Unavailable
from shared.languages import bilingual
from shared.quotas import Quota
from shared.web.routes import Route

UNKNOWN_SECONDS = 5.0
"""How long a sender who is not known may take for a login, or for the beginning of a body that tells who it is."""


class Slot:
    """The place of one request: among its key's from the beginning, among those in work once its body is here."""

    def __init__(self, limit: LoadLimit, key: str | None) -> None:
        """`key` is the id of the sender's key; None: the body tells who it is."""
        self._limit = limit
        self._key = key
        self._working = False
        self._uploading = False
        self.reading: asyncio.Timeout | None = None
        """Ends the wait for the next piece of the body."""

    @property
    def known(self) -> bool:
        """Whether the sender is."""
        return self._key is not None

    def take(self) -> None:
        """Enter; raises `Unavailable`."""
        if self._key is None:
            self._limit.admit_unknown(self)
        else:
            self._limit.admit_key(self._key)

    def introduce(self, key: str) -> None:
        """The body has told whose it is: from now on it takes of the share of this key; raises `Unavailable`."""
        if self._key is None:
            self._limit.admit_key(key)
            self._limit.unknown.pop(self, None)
            self._key = key

    def work(self) -> None:
        """The body is here: take a place among those that are worked on; raises `Unavailable`."""
        if self._key is not None and not self._working:
            self._limit.admit_work()
            self._working = True

    def upload(self) -> None:
        """The route works on the body while it arrives: take a place among such; raises `Unavailable`."""
        assert self._key is not None, "who sends a file shows a key"
        self._limit.admit_upload(self._key)
        self._uploading = True

    def leave(self) -> None:
        """Give back what was taken."""
        if self._key is not None and self._uploading:
            self._limit.leave_upload(self._key)
        if self._key is None:
            self._limit.unknown.pop(self, None)
        else:
            self._limit.leave(self._key, self._working)


class LoadLimit:
    """ASGI layer: at most `max_requests` at a time. Keyless routes always respond; event streams have limits of their own."""

    def __init__(self, app: Any, *, max_requests: int) -> None:
        """`max_requests` of this process, half of them of one key.

        Beside them a tenth for files that are arriving, half of these of one key, and a tenth for those who are not known.
        """
        self._app = app
        self._max_requests = max_requests
        self._share = max(1, max_requests // 2)
        self._max_unknown = max(2, max_requests // 10)
        self._max_uploads = max(2, max_requests // 10)
        self._uploads_of_key = self._max_uploads // 2
        self._in_work = 0
        self._uploads: Counter[str] = Counter()
        self._of_keys: Counter[str] = Counter()
        self.unknown: dict[Slot, None] = {}
        """Places of unknown senders, the oldest first."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on with `scope["state"]["slot"]`, or raise `Unavailable`. The sender has been looked up before."""
        route: Route | None = scope.get("route")
        if scope["type"] != "http" or (route is not None and (route.keyless or route.long_lived)):
            await self._app(scope, receive, send)
            return
        principal: Principal | None = scope["state"].get("principal")
        slot = Slot(self, None if principal is None else principal.key_id)
        slot.take()
        scope["state"]["slot"] = slot
        try:
            await self._app(scope, receive, send)
        finally:
            slot.leave()

    def admit_key(self, key: str) -> None:
        """One more request of a key; raises `Unavailable`."""
        if self._of_keys[key] >= self._share:
            raise Unavailable(
                bilingual(
                    "This process has {n} requests of this key already. Try again in a second.",
                    "Máy chủ đang có {n} yêu cầu của khóa này. Thử lại sau một giây.",
                    n=self._share,
                ),
                headers=Quota("requests-of-key", self._share).refusal(1),
            )
        self._of_keys[key] += 1

    def admit_work(self) -> None:
        """One more request to work on; raises `Unavailable`."""
        if self._in_work >= self._max_requests:
            raise self._full(self._max_requests)
        self._in_work += 1

    def admit_upload(self, key: str) -> None:
        """One more file of a key; raises `Unavailable`."""
        if self._uploads[key] >= self._uploads_of_key:
            raise Unavailable(
                bilingual(
                    "This process takes in {n} files of this key already. Send this one when one of them has come to its end.",
                    "Máy chủ đang nhận {n} tệp của khóa này. Gửi tệp này khi một trong các tệp đó đã nhận xong.",
                    n=self._uploads_of_key,
                ),
                headers=Quota("uploads-of-key", self._uploads_of_key).refusal(1),
            )
        if self._uploads.total() >= self._max_uploads:
            raise Unavailable(
                bilingual(
                    "This process takes in {n} files already. Send this one again in a second.",
                    "Máy chủ đang nhận {n} tệp. Gửi lại tệp này sau một giây.",
                    n=self._max_uploads,
                ),
                headers=Quota("uploads", self._max_uploads).refusal(1),
            )
        self._uploads[key] += 1

    def leave_upload(self, key: str) -> None:
        """A file of a key ended."""
        self._uploads[key] -= 1
        if not self._uploads[key]:
            del self._uploads[key]

    def admit_unknown(self, slot: Slot) -> None:
        """One more sender who is not known: in place of the oldest that is still sending, when there are too many."""
        if len(self.unknown) >= self._max_unknown:
            oldest = next((one for one in self.unknown if one.reading is not None and not one.reading.expired()), None)
            if oldest is None or oldest.reading is None:
                raise self._full(self._max_unknown)
            oldest.reading.reschedule(asyncio.get_running_loop().time())
            del self.unknown[oldest]
        self.unknown[slot] = None

    def leave(self, key: str, worked: bool) -> None:
        """A request of a key ended, which was worked on or not."""
        self._in_work -= worked
        self._of_keys[key] -= 1
        if not self._of_keys[key]:
            del self._of_keys[key]

    def _full(self, limit: int) -> Unavailable:
        return Unavailable(
            bilingual(
                "This process works on {n} requests already. Try again in a second.",
                "Máy chủ đang xử lý {n} yêu cầu. Thử lại sau một giây.",
                n=limit,
            ),
            headers=Quota("requests-in-work", limit).refusal(1),
        )

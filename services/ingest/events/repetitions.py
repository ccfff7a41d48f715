"""Equal records of one serving: of rows that look alike, each counts.

A serving is what came at once: a file, a request, a page of a portal. Two equal rows of it that cannot be read are two records;
the same file or page served again has the same two. Pure.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from services.ingest.events.model import DIGEST_BYTES, Rejected

MAX_REMEMBERED = 200_000
"""Different rejected records of a serving that are told apart; further equal ones count as one."""

_encode = msgspec.json.Encoder(order="sorted").encode


class Repetitions:
    """Counts the equal rejected records of one serving."""

    def __init__(self) -> None:
        """None came yet."""
        self._seen: dict[bytes, int] = {}

    def numbered(self, rejected: Rejected) -> Rejected:
        """The record, with how many equal ones came before it."""
        withheld = rejected.withheld
        key = blake2b(
            _encode(rejected.fields) if withheld is None else withheld.text.encode(errors="surrogatepass"),
            digest_size=DIGEST_BYTES,
        ).digest()
        before = self._seen.get(key, 0)
        if before or len(self._seen) < MAX_REMEMBERED:
            self._seen[key] = before + 1
        return msgspec.structs.replace(rejected, repetition=before) if before else rejected

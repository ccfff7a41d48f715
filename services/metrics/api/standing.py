"""A digest of how complete answers are, which is a part of their ETag: nobody is told "not modified" when that has changed."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def standing_of(freshness: dict[str, Any]) -> str:
    """The digest of an answer's `freshness`."""
    return hashlib.blake2s(orjson.dumps(freshness), digest_size=6).hexdigest()

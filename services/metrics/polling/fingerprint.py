"""A digest of how complete answers are, which is a part of their ETag: nobody is told "not modified" when that has changed."""

from __future__ import annotations

import hashlib

import msgspec

from shared.contracts.kpis import Freshness


def fingerprint_of(freshness: Freshness) -> str:
    """The digest of an answer's `freshness`."""
    return hashlib.blake2s(msgspec.json.encode(freshness), digest_size=6).hexdigest()

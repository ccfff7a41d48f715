"""A fingerprint of how complete a response is: a part of its ETag, so that a change of it is never a 304."""

from __future__ import annotations

import hashlib

import msgspec

from shared.contracts.kpis import Freshness


def fingerprint_of(freshness: Freshness) -> str:
    """The fingerprint of a response's `freshness`."""
    return hashlib.blake2s(msgspec.json.encode(freshness), digest_size=6).hexdigest()

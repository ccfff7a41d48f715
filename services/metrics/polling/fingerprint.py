"""A fingerprint of how complete a response is: a part of its ETag, so that a change of it is never a 304."""

from __future__ import annotations

import hashlib

import msgspec

from shared.contracts.kpis import Freshness


def fingerprint_of(freshness: Freshness) -> str:
    """The fingerprint of a response's `freshness`: of what holds for the whole province.

    What is doubtful in the figures of a response moves with their position only, which the ETag has anyway.
    """
    shared = [getattr(freshness, name) for name in Freshness.__struct_fields__]
    return hashlib.blake2s(msgspec.json.encode(shared), digest_size=6).hexdigest()

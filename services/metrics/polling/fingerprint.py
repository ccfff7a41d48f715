"""A fingerprint of how complete a response is: a part of its ETag, so that a change of it is never a 304."""

from __future__ import annotations

import hashlib

import msgspec

from services.metrics.provinces.shortfalls import OF_QUERIES
from shared.contracts.kpis import Freshness


def fingerprint_of(freshness: Freshness) -> str:
    """The fingerprint of a response's `freshness`: of what holds for the whole province.

    What its period lacks, and what is doubtful in its figures, moves with the query and the revision only, which the ETag has.
    """
    reasons = [one for one in freshness.reasons if one.kind not in OF_QUERIES]
    shared = {name: getattr(freshness, name) for name in Freshness.__struct_fields__}
    return hashlib.blake2s(
        msgspec.json.encode(shared | {"complete": not reasons, "reasons": reasons}), digest_size=6
    ).hexdigest()

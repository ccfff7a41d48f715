"""Sessions of the national format: a key's id and an expiry, signed with the operator's secret, which no database holds. Pure.

The key's stored hash is signed too, so a session belongs to this one secret of the key. Whoever reads the key's row can make
nothing of it, and whoever has only SESSION_SECRET needs the row.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from typing import NamedTuple

MAX_LIFETIME = timedelta(hours=8)
"""A session lasts so long, or as long as its key when that is shorter."""
SKEW = timedelta(minutes=1)
"""How far the clocks of two processes may be apart."""

_SESSION = re.compile(r"([0-9a-f]{1,32})\.([1-9][0-9]{0,10})\.([0-9a-f]{64})")


class Claim(NamedTuple):
    """What a session says of itself, true only if its signature holds."""

    key_id: str
    expires: int
    """Seconds since 1970."""
    signature: str


def issued(secret: str, key_id: str, secret_hash: bytes, key_expires_at: datetime | None, now: datetime) -> str:
    """A new session of a key."""
    expires_at = now + MAX_LIFETIME
    if key_expires_at is not None:
        expires_at = min(expires_at, key_expires_at)
    expires = int(expires_at.timestamp())
    return f"{key_id}.{expires}.{_signature(secret, key_id, secret_hash, expires)}"


def claimed(session: object, now: datetime) -> Claim | None:
    """What a session claims; None when it is none of ours, has expired, or claims to last longer than any that was issued."""
    match = _SESSION.fullmatch(session) if isinstance(session, str) else None
    if match is None:
        return None
    claim = Claim(match[1], int(match[2]), match[3])
    return claim if now.timestamp() < claim.expires <= (now + MAX_LIFETIME + SKEW).timestamp() else None


def holds(claim: Claim, secret: str, secret_hash: bytes) -> bool:
    """Whether the claim was signed with `secret` for the key whose secret has this hash."""
    return hmac.compare_digest(claim.signature, _signature(secret, claim.key_id, secret_hash, claim.expires))


def _signature(secret: str, key_id: str, secret_hash: bytes, expires: int) -> str:
    signed = b".".join((b"session", key_id.encode(), str(expires).encode(), secret_hash))
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

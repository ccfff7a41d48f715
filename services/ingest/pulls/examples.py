"""A pull as callers see it."""

from __future__ import annotations

from services.ingest.components import Example

PULL: Example = {
    "id": 1702,
    "source": "hai-duong",
    "province": "30",
    "since": "2023-07-20T03:00:00Z",
    "started_at": "2023-07-20T03:16:00Z",
    "finished_at": "2023-07-20T03:16:04Z",
    "seconds": 4.2,
    "state": "complete",
    "pages": 2,
    "calls": 3,
    "served": 1204,
    "accepted": 37,
    "known": 1165,
    "superseded": 0,
    "quarantined": 2,
    "verification": "every seam held: the list did not shrink between two pages",
    "verified": True,
    "failure": None,
    "last_error": None,
}

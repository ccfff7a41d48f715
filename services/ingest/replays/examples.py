"""A replay as callers see it."""

from __future__ import annotations

from services.ingest.components import Example

REPLAYED: Example = {
    "replayed": 12,
    "released": 11,
    "rejected": 1,
    "changed": ["000.00.19.H30-230615-0042"],
    "next_cursor": None,
}

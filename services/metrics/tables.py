"""The schema of metrics: its metadata, and the tables that every service has.

Each capability declares its own in its `tables.py`. The migrations make them all, and a test holds both equal.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared import tables

METADATA = sa.MetaData(schema="metrics")

heartbeat = tables.heartbeat(METADATA)
"""Signs of life of the service's workers."""
api_key = tables.api_key(METADATA)
"""The keys of the service."""

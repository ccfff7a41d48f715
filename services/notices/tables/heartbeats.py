"""Signs of life of the service's workers."""

from __future__ import annotations

from services.notices.tables import METADATA
from shared import tables

heartbeat = tables.heartbeat(METADATA)

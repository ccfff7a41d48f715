"""The keys of the service."""

from __future__ import annotations

from services.metrics.tables import METADATA
from shared import tables

api_key = tables.api_key(METADATA)

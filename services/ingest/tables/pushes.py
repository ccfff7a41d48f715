"""Answers given under an Idempotency-Key."""

from __future__ import annotations

from services.ingest.tables import METADATA
from shared import tables

idempotency = tables.idempotency(METADATA)

"""Statements over provinces: their rows, the batches counted, ingest's heads, and notifications of changes."""

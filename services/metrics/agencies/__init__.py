"""Agencies and procedures as ingest's catalogue lists them, and the units that make up a scope."""

"""Agencies and procedures as ingest's catalogue tells of them, and the units that make up a scope."""

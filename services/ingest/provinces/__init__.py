"""Provinces: one row for each, which orders all changes of its dossiers; the lowest of the capabilities."""

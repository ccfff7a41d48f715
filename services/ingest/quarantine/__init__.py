"""Quarantine: records that could not be read wait with their reason."""

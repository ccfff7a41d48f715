"""Checks: whether a source works as it is set, and which setting to change."""

"""Imports of files: sent as they are, read while they arrive, rehearsed before they count."""

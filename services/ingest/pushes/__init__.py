"""Pushes: records that a source sends, in our own shape or in the national format."""

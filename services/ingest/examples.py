"""Answers and bodies as callers see them, for the documents: one province, one week of it."""

from __future__ import annotations

Example = dict[str, object]
"""JSON as it may come."""

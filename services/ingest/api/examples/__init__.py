"""Answers and bodies as callers see them, for the documents: one province, one week of it."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]
"""JSON as it may come."""

"""Which counts people enter. Pure."""

from __future__ import annotations

MANUAL_INPUTS: tuple[str, ...] = ("ratings", "ratings_satisfied", "feedback", "feedback_in_time")
"""Counts that no portal has: responses to a survey and how many were satisfied, complaints and petitions received and how many
were handled in time."""

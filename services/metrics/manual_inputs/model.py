"""Which counts people enter. Pure."""

from __future__ import annotations

MANUAL_INPUTS: tuple[str, ...] = (
    "ratings",
    "ratings_satisfied",
    "feedback",
    "feedback_in_time",
    "petitions",
    "petitions_satisfied",
)
"""Counts that no portal has: responses to a survey and how many were satisfied, complaints and petitions received and how many
were handled in time; of petitions that were stated one by one how many, and how many in time, not disliked and not repeated."""
OF_PETITIONS = ("feedback", "feedback_in_time")
"""Those that petitions count where an agency has any in the period: what was entered of it does not count then."""

"""Pins figures, composes the inspection conclusion, checks its arithmetic and issues it."""

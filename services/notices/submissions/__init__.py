"""Submitting and correcting inspections of what metrics counts."""

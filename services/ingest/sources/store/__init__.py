"""Statements over sources, their pulls, and what they offer."""

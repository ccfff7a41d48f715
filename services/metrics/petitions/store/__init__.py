"""Petitions, and rows of their files that wait for a correction."""

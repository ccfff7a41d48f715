"""Statements over quarantine: its records, and how they leave it and come back."""

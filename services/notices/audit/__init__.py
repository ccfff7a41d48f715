"""Checks the arithmetic of notices: of our own by their figures, of any other by reading its text."""

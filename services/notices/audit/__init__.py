"""Checks the arithmetic of notices: of our own by their bound figures, of anyone else's by reading the text."""

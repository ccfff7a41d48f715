"""Statements of the catalogue and its versions, and of dating anew."""

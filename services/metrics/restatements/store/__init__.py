"""Statements over the versions of dossiers at two positions."""

"""Previews: which figures a change of the catalogue would move, before it applies."""

"""Previews: which notices stand on figures that a change of the catalogue would move, before it applies."""
